import { createResponsePool } from '@/server/http-out/memory-pool'
import { createTestOutbox } from '@/testing/catalogs/test-outbox'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { Schema } from '@/lib/iceberg/schema/types'
import { grantsOfRole } from '@/lib/permissions'
import { SILENT_LOG } from '@/testing/silent-log'
import { restSettings } from '@/testing/catalogs/rest-catalog-stand-in'
import { createTestStores } from '@/testing/stores/test-stores'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { LoadedMetadataCache } from '@/server/catalog/rest/loaded-metadata-cache'
import { restCatalog } from '@/server/catalog/rest/catalog'
import { appendFiles } from '@/server/table/commit/append-files'
import { readLiveFiles } from '@/server/table/files/live-files'
import { ManifestCache } from '@/server/table/manifest-cache'

/**
 * Operations that the console does not offer yet, sent to Nessie by the console's catalog client. PyIceberg checks the
 * result.
 */

export const STRANGE = 'ü b+c%2F&?#'
/** In a table's name Nessie reads `#` as the start of a version and `@` as the start of a branch. */
export const STRANGE_TABLE = 'ü b+c%2F&?'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }

export type NessieClient = {
  uri: string
  token: string
  /** Runs Python with PyIceberg on the same catalog. */
  py: <Answer>(code: string) => Promise<Answer>
}

/** The tests of one Nessie. They depend on each other and use the namespace `lab` only. */
export function testNessieClient(nessie: () => NessieClient): void {
  const stores = createTestStores()
  const SCHEMA = {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [
      { id: 1, name: 'id', required: true, type: 'long' },
      { id: 2, name: 'origin', required: false, type: 'string' },
    ],
  } as const
  const tableIdentifier = (table: string, namespace = ['lab']) => ({ catalog: 'nessie', namespace, table })
  const openCatalog = (pageSize?: number) =>
    restCatalog({
      responsePool: createResponsePool(),
      log: SILENT_LOG,
      metadataCache: new LoadedMetadataCache(),
      storeForAll: (accesses, mappings) => stores.storeForAll(accesses, mappings),
      name: 'nessie',
      settings: restSettings(nessie().uri, {
        auth: { kind: 'bearer', token: nessie().token },
        delegation: 'remote-signing',
      }),
      storage: [],
      mappings: [],
      outbox: createTestOutbox(),
      ...(pageSize !== undefined && { pageSize }),
    })
  let catalog: CatalogClient
  beforeAll(() => {
    catalog = openCatalog()
  })

  test('creates, changes and drops namespaces', async () => {
    const strange = ['lab', STRANGE]
    await catalog.write({ kind: 'create-namespace', namespace: ['lab'], properties: { owner: 'ann', old: 'x' } })
    await catalog.write({ kind: 'create-namespace', namespace: strange, properties: {} })
    await expect(catalog.write({ kind: 'create-namespace', namespace: ['lab'], properties: {} })).rejects.toMatchObject(
      { code: 'already-exists' },
    )
    const change = { updates: { owner: 'bob' }, removals: ['old'] }
    expect(await catalog.write({ kind: 'update-namespace', namespace: ['lab'], ...change })).toMatchObject({
      updated: ['owner'],
      removed: ['old'],
    })
    expect((await catalog.loadNamespace(['lab'])).properties).toMatchObject({ owner: 'bob' })
    await expect(catalog.write({ kind: 'drop-namespace', namespace: ['lab'] })).rejects.toMatchObject({
      code: 'namespace-not-empty',
    })
    await catalog.write({ kind: 'drop-namespace', namespace: strange })
    await expect(catalog.loadNamespace(strange)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('creates a table, adds a column and removes the last one', async () => {
    const created = await catalog.write({
      kind: 'create-table',
      table: tableIdentifier('flights'),
      schema: SCHEMA,
      properties: { owner: 'ann' },
    })
    await expect(
      catalog.write({ kind: 'create-table', table: tableIdentifier('flights'), schema: SCHEMA }),
    ).rejects.toMatchObject({
      code: 'already-exists',
    })
    const withSchema = (fields: Schema['fields'], properties = {}) =>
      catalog.write({
        kind: 'commit-table',
        table: tableIdentifier('flights'),
        change: ({ metadata }) => ({
          requirements: [{ type: 'assert-current-schema-id', currentSchemaId: metadata.currentSchemaId }],
          updates: [
            { action: 'add-schema', schema: { ...SCHEMA, schemaId: metadata.schemas.length, fields } },
            { action: 'set-current-schema', schemaId: -1 },
            { action: 'set-properties', updates: properties },
          ],
        }),
      })
    const gate = { id: 3, name: 'gate', required: false, type: 'string' } as const
    const { metadata } = await withSchema([...SCHEMA.fields, gate], { owner: 'bob' })
    expect(metadata).toMatchObject({ tableUuid: created.metadata.tableUuid, lastColumnId: 3 })
    expect(metadata.properties).toMatchObject({ owner: 'bob' })
    const [id, origin] = SCHEMA.fields
    await withSchema([id, { ...origin, name: 'from' }])
    const columns = `answer = [field.name for field in catalog.load_table('lab.flights').schema().fields]`
    expect(await nessie().py(columns)).toEqual(['id', 'from'])
    expect((await catalog.loadTable(tableIdentifier('flights'))).metadata.lastColumnId).toBe(3)
  })

  test('reports a commit whose requirement does not hold as a conflict', async () => {
    const updates = [{ action: 'set-properties', updates: { a: 'b' } }] as const
    const stale = { type: 'assert-table-uuid', uuid: randomUUID() } as const
    const other = { identifier: tableIdentifier('flights'), change: { requirements: [stale], updates } }
    await expect(catalog.write({ kind: 'commit-tables', commits: [other] })).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    expect((await catalog.loadTable(tableIdentifier('flights'))).metadata.properties['a']).toBeUndefined()
  })

  test('loses no rows of several concurrent writers, whose manifests are written by signed requests', async () => {
    await catalog.write({
      kind: 'create-table',
      table: tableIdentifier('busy'),
      schema: SCHEMA,
      properties: { 'commit.retry.num-retries': '20' },
    })
    // The first writer alone: this Nessie ignores the requirement that a table has no snapshot yet.
    await append('busy', 'a0.parquet')
    await Promise.all(
      ['a', 'b'].map(async (writer) => {
        for (const n of [1, 2]) await append('busy', `${writer}${n}.parquet`)
      }),
    )
    const table = await catalog.loadTable(tableIdentifier('busy'))
    const last = table.metadata.snapshots.at(-1)!
    const files = await readLiveFiles(new ManifestCache(), table, last, {
      store: table.store,
      signal: AbortSignal.timeout(300_000),
    })
    expect(files.map(({ dataFile }) => path.basename(dataFile.filePath)).sort()).toEqual([
      'a0.parquet',
      'a1.parquet',
      'a2.parquet',
      'b1.parquet',
      'b2.parquet',
    ])
  })

  test('commits to several tables or to none', async () => {
    const setProperty = (table: string, value: string) => ({
      identifier: tableIdentifier(table),
      change: { requirements: [], updates: [{ action: 'set-properties', updates: { both: value } } as const] },
    })
    const after = await catalog.write({
      kind: 'commit-tables',
      commits: [setProperty('flights', 'yes'), setProperty('busy', 'yes')],
    })
    expect(after.map(({ metadata }) => metadata.properties['both'])).toEqual(['yes', 'yes'])
    await expect(
      catalog.write({ kind: 'commit-tables', commits: [setProperty('flights', 'no'), setProperty('gone', 'no')] }),
    ).rejects.toMatchObject({
      code: 'not-found',
    })
    expect((await catalog.loadTable(tableIdentifier('flights'))).metadata.properties['both']).toBe('yes')
  })

  test('lists names over many pages, renames and drops tables', async () => {
    for (const name of ['p1', 'p2', 'p3'])
      await catalog.write({ kind: 'create-table', table: tableIdentifier(name), schema: SCHEMA })
    const names = async (client: CatalogClient) => (await client.listTables(['lab'])).map(({ table }) => table)
    expect(await names(openCatalog(2))).toEqual(['busy', 'flights', 'p1', 'p2', 'p3'])
    await expect(
      catalog.write({ kind: 'rename-table', table: tableIdentifier('p1'), to: tableIdentifier('p2') }),
    ).rejects.toMatchObject({
      code: 'already-exists',
    })
    await catalog.write({ kind: 'rename-table', table: tableIdentifier('p1'), to: tableIdentifier(STRANGE_TABLE) })
    await catalog.write({ kind: 'drop-table', table: tableIdentifier(STRANGE_TABLE) })
    await expect(catalog.write({ kind: 'drop-table', table: tableIdentifier(STRANGE_TABLE) })).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await names(catalog)).toEqual(['busy', 'flights', 'p2', 'p3'])
  })

  async function append(table: string, file: string) {
    const { metadata, store } = await catalog.loadTable(tableIdentifier(table))
    const files = [sampleDataFile(`${metadata.location}/data/${file}`)]
    const signal = AbortSignal.timeout(300_000)
    await appendFiles(SILENT_LOG, {
      catalog,
      store,
      identifier: tableIdentifier(table),
      files,
      specId: 0,
      schemaId: 0,
      actor: ANN,
      signal,
    })
  }
}
