import { createResponsePool } from '@/server/http-out/memory-pool'
import { createTestOutbox } from '@/testing/catalogs/test-outbox'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asViewIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { grantsOfRole } from '@/lib/permissions'
import { REST_FIXTURE } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { type RestFixture, startRestFixture } from '@/testing/peers/rest-fixture'
import { SILENT_LOG } from '@/testing/silent-log'
import { restSettings } from '@/testing/catalogs/rest-catalog-stand-in'
import { changeSql } from '@/testing/databases/change-sql'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestStores } from '@/testing/stores/test-stores'
import type { Actor } from '@/server/auth/actor'
import { LoadedMetadataCache } from './loaded-metadata-cache'
import type { Change } from '@/server/db/database'
import { readLiveFiles } from '@/server/table/files/live-files'
import { appendFiles } from '@/server/table/commit/append-files'
import { ManifestCache } from '@/server/table/manifest-cache'
import type { CatalogClient } from '../port/catalog-client'
import { anyWrite } from '../port/catalog-write'
import { restCatalog } from './catalog'

const stores = createTestStores()

const jar = await installOrSkip('Iceberg’s REST fixture', () => fetchJars([REST_FIXTURE]))
const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'origin', required: false, type: 'string' },
  ],
} as const

describe.skipIf(jar === null)('Iceberg’s own REST server (skipped if it is not available)', () => {
  let folder: string
  let fixture: RestFixture
  let catalog: CatalogClient
  const writtenChanges: Change[] = []

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rest-fixture-'))
    fixture = await startRestFixture(folder)
    catalog = openCatalog()
  })
  afterAll(async () => {
    await fixture.stop()
    rmSync(folder, { recursive: true })
  })

  const openCatalog = (pageSize?: number, uri = fixture.uri) =>
    restCatalog({
      responsePool: createResponsePool(),
      log: SILENT_LOG,
      metadataCache: new LoadedMetadataCache(),
      storeForAll: (accesses, mappings) => stores.storeForAll(accesses, mappings),
      name: 'fixture',
      settings: restSettings(uri),
      storage: [{ kind: 'local', roots: [`file://${folder}`] }],
      mappings: [],
      outbox: createTestOutbox((changes) => writtenChanges.push(...changes)),
      ...(pageSize !== undefined && { pageSize }),
    })
  const toView = (view: string) => asViewIdentifier(toIdentifier(view))
  const toIdentifier = (table: string, namespace = ['demo']): TableIdentifier => ({
    catalog: 'fixture',
    namespace,
    table,
  })

  test('advertises its endpoints', async () => {
    const abilities = await catalog.abilities()
    for (const ability of ['commit-table', 'commit-tables', 'views', 'rename-view', 'register-table'] as const) {
      expect(abilities).toContain(ability)
    }
  })

  test('creates, changes and drops namespaces, also nested ones and ones with unusual names', async () => {
    const strange = ['demo', 'ü b+c%2F&?#']
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: { owner: 'ann', old: 'x' } })
    await catalog.write({ kind: 'create-namespace', namespace: strange, properties: {} })
    expect(await catalog.listNamespaces(null)).toEqual([['demo']])
    expect(await catalog.listNamespaces(['demo'])).toEqual([strange])
    expect(await catalog.loadNamespace(strange)).toMatchObject({ namespace: strange })
    const change = { updates: { owner: 'bob' }, removals: ['old', 'never'] }
    expect(await catalog.write({ kind: 'update-namespace', namespace: ['demo'], ...change })).toEqual({
      updated: ['owner'],
      removed: ['old'],
      missing: ['never'],
    })
    expect((await catalog.loadNamespace(['demo'])).properties).toMatchObject({ owner: 'bob' })
    await expect(
      catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} }),
    ).rejects.toMatchObject({ code: 'already-exists' })
    await catalog.write({ kind: 'drop-namespace', namespace: strange })
    await expect(catalog.loadNamespace(strange)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('creates tables, accepts commits to them, and keeps 64-bit ids', async () => {
    const created = await catalog.write({
      kind: 'create-table',
      table: toIdentifier('flights'),
      schema: SCHEMA,
      partitionSpec: { specId: 0, fields: [{ sourceId: 2, fieldId: 1000, name: 'origin', transform: 'identity' }] },
      properties: { owner: 'ann' },
    })
    expect(created.metadata.partitionSpecs[0]?.fields).toMatchObject([{ sourceId: 2, transform: 'identity' }])
    await expect(
      catalog.write({ kind: 'create-table', table: toIdentifier('flights'), schema: SCHEMA }),
    ).rejects.toMatchObject({
      code: 'already-exists',
    })
    await expect(catalog.write({ kind: 'drop-namespace', namespace: ['demo'] })).rejects.toMatchObject({
      code: 'namespace-not-empty',
    })
    await expect(
      catalog.write({ kind: 'create-table', table: toIdentifier('x', ['nowhere']), schema: SCHEMA }),
    ).rejects.toMatchObject({
      code: 'not-found',
    })

    const snapshotId = '9223372036854775801'
    const { table } = await append('flights', 'a.parquet', snapshotId)
    expect(table.metadata.currentSnapshotId).toBe(snapshotId)
    const loaded = await catalog.loadTable(toIdentifier('flights'))
    expect(loaded.metadata.refs['main']?.snapshotId).toBe(snapshotId)
    expect(loaded.metadata.snapshots[0]?.summary['total-records']).toBe('10')
    const [snapshot] = loaded.metadata.snapshots
    const files = await readLiveFiles(new ManifestCache(), loaded, snapshot!, { store: loaded.store })
    expect(files.map(({ dataFile }) => path.basename(dataFile.filePath))).toEqual(['a.parquet'])

    const changed = await catalog.write({
      kind: 'commit-table',
      table: toIdentifier('flights'),
      change: ({ metadata }) => ({
        requirements: [{ type: 'assert-last-assigned-field-id', lastAssignedFieldId: metadata.lastColumnId }],
        updates: [
          {
            action: 'add-schema',
            schema: {
              ...SCHEMA,
              schemaId: 1,
              fields: [...SCHEMA.fields, { id: 3, name: 'gate', required: false, type: 'string' }],
            },
          },
          { action: 'set-current-schema', schemaId: -1 },
          { action: 'set-snapshot-ref', refName: 'v1', type: 'tag', snapshotId },
          { action: 'set-properties', updates: { owner: `${metadata.properties['owner']} II` } },
        ],
      }),
    })
    expect(changed.metadata).toMatchObject({ currentSchemaId: 1, lastColumnId: 3, refs: { v1: { snapshotId } } })
    expect(changed.metadata.properties['owner']).toBe('ann II')
    expect(changed.metadataLocation).not.toBe(loaded.metadataLocation)
  })

  test('refuses a commit whose requirement does not hold, with the code of a conflict', async () => {
    const stale = { type: 'assert-ref-snapshot-id', ref: 'main', snapshotId: '1' } as const
    const updates = [{ action: 'set-properties', updates: { a: 'b' } }] as const
    await expect(
      catalog.write({
        kind: 'commit-table',
        table: toIdentifier('flights'),
        change: { requirements: [stale], updates },
      }),
    ).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    // Sent to the server directly, because our own check would have refused it.
    const response = await fetch(`${fixture.uri}/v1/namespaces/demo/tables/flights`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"requirements":[{"type":"assert-ref-snapshot-id","ref":"main","snapshot-id":1}],"updates":[]}',
    })
    expect([response.status, await response.json()]).toMatchObject([409, { error: { type: 'CommitFailedException' } }])
  })

  test('accepts rows of several writers at once, and none is lost', async () => {
    await catalog.write({
      kind: 'create-table',
      table: toIdentifier('busy'),
      schema: SCHEMA,
      properties: { 'commit.retry.num-retries': '20' },
    })
    const writers = ['a', 'b', 'c']
    const appended = await Promise.all(
      writers.map(async (writer) => {
        const ids: string[] = []
        for (const n of [1, 2, 3]) ids.push((await append('busy', `${writer}${n}.parquet`)).snapshotId)
        return ids
      }),
    )
    const table = await catalog.loadTable(toIdentifier('busy'))
    const { snapshots } = table.metadata
    expect(snapshots.map(({ snapshotId }) => snapshotId).sort()).toEqual(appended.flat().sort())
    expect(snapshots.map(({ sequenceNumber }) => sequenceNumber)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    const files = await readLiveFiles(new ManifestCache(), table, snapshots.at(-1)!, { store: table.store })
    expect(new Set(files.map(({ dataFile }) => dataFile.filePath)).size).toBe(9)
  })

  test('accepts rows of several writers at once in tables of format version 3, also with another branch', async () => {
    const properties = { 'format-version': '3', 'commit.retry.num-retries': '20' }
    await catalog.write({ kind: 'create-table', table: toIdentifier('lineage'), schema: SCHEMA, properties })
    const { snapshotId } = await append('lineage', 'first.parquet')
    await Promise.all(['a', 'b', 'c', 'd'].map((writer) => append('lineage', `${writer}.parquet`)))
    const inOrder = async () => (await catalog.loadTable(toIdentifier('lineage'))).metadata
    const before = await inOrder()
    expect(before.snapshots.map(({ firstRowId, addedRows }) => [firstRowId, addedRows])).toEqual(
      ['0', '10', '20', '30', '40'].map((first) => [first, '10']),
    )
    // A commit to a branch in between changes the table's sequence numbers but not the tip of main.
    const branched: CatalogClient = {
      ...catalog,
      async write(write, options) {
        const commit = anyWrite(write)
        if (commit.kind !== 'commit-table') throw new TypeError('an append commits one table')
        const { table, change } = commit
        const stale = await catalog.loadTable(table)
        let isFirst = true
        const staleOnce = async (loaded: typeof stale) => {
          if (typeof change !== 'function') throw new TypeError('an append needs a loaded table')
          const staleChange = await change(isFirst ? stale : loaded)
          if (isFirst) await onBranch(loaded.metadata)
          isFirst = false
          return staleChange
        }
        return catalog.write({ ...write, change: staleOnce }, options)
      },
    }
    const onBranch = async ({ snapshots, nextRowId, lastSequenceNumber }: typeof before) => {
      const last = snapshots.at(-1)
      if (!last || nextRowId === null) throw new Error('the table has no rows yet')
      const other = { parentSnapshotId: snapshotId, sequenceNumber: lastSequenceNumber + 1, firstRowId: nextRowId }
      const snapshot = { ...last, ...other, snapshotId: '77', addedRows: '100' }
      await catalog.write({
        kind: 'commit-table',
        table: toIdentifier('lineage'),
        change: {
          requirements: [],
          updates: [
            { action: 'add-snapshot', snapshot },
            { action: 'set-snapshot-ref', refName: 'audit', snapshotId: '77', type: 'branch' },
          ],
        },
      })
    }
    const { table } = await append('lineage', 'last.parquet', undefined, branched)
    expect(table.metadata).toMatchObject({ nextRowId: '160', snapshots: { length: 7 } })
    const last = table.metadata.snapshots.at(-1)
    expect(last).toMatchObject({ firstRowId: '150', addedRows: '10', parentSnapshotId: before.currentSnapshotId })
    const files = await readLiveFiles(new ManifestCache(), table, last!, { store: table.store })
    const firsts = files.map(({ dataFile }) => Number(dataFile.firstRowId)).sort((a, b) => a - b)
    expect(firsts).toEqual([0, 10, 20, 30, 40, 150])
    await catalog.write({ kind: 'drop-table', table: toIdentifier('lineage') })
  })

  test('is found to have made a commit whose response never came', async () => {
    await catalog.write({ kind: 'create-table', table: toIdentifier('cut'), schema: SCHEMA })
    let cuts = 0
    const forwardThenCut = async (request: IncomingMessage, response: ServerResponse) => {
      const { method = 'GET', url } = request
      const body = method === 'POST' ? await text(request) : null
      const headers = { 'content-type': 'application/json' }
      const upstream = await fetch(fixture.uri + url, { method, headers, body })
      if (method !== 'POST') return response.writeHead(upstream.status).end(await upstream.text())
      cuts += 1
      return request.socket.destroy()
    }
    const proxy = createServer((request, response) => void forwardThenCut(request, response))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const behindProxy = openCatalog(undefined, `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    const { snapshotId } = await append('cut', 'a.parquet', undefined, behindProxy)
    const change = { requirements: [], updates: [{ action: 'set-properties', updates: { owner: 'eve' } }] } as const
    await behindProxy.write({ kind: 'commit-table', table: toIdentifier('cut'), change })
    proxy.close()
    expect(cuts).toBe(2)
    const { metadata } = await catalog.loadTable(toIdentifier('cut'))
    expect(metadata.snapshots.map((snapshot) => snapshot.snapshotId)).toEqual([snapshotId])
    expect(metadata.properties['owner']).toBe('eve')
  })

  test('stages a table that one commit then creates', async () => {
    const staged = await catalog.stageTable(toIdentifier('staged'), { schema: SCHEMA })
    await expect(catalog.loadTable(toIdentifier('staged'))).rejects.toMatchObject({ code: 'not-found' })
    const { metadata } = staged
    const create = {
      requirements: [{ type: 'assert-create' }],
      updates: [
        { action: 'assign-uuid', uuid: metadata.tableUuid },
        { action: 'upgrade-format-version', formatVersion: 2 },
        { action: 'add-schema', schema: metadata.schemas[0]! },
        { action: 'set-current-schema', schemaId: -1 },
        { action: 'add-spec', spec: metadata.partitionSpecs[0]! },
        { action: 'set-default-spec', specId: -1 },
        { action: 'add-sort-order', sortOrder: metadata.sortOrders[0]! },
        { action: 'set-default-sort-order', sortOrderId: -1 },
        { action: 'set-location', location: metadata.location },
      ],
    } as const
    expect(
      (await catalog.write({ kind: 'commit-table', table: toIdentifier('staged'), change: create })).metadata.tableUuid,
    ).toBe(metadata.tableUuid)
    await expect(
      catalog.write({ kind: 'commit-table', table: toIdentifier('staged'), change: create }),
    ).rejects.toMatchObject({ code: 'commit-conflict' })
  })

  test('changes several tables or none', async () => {
    const set = (table: string, uuid?: string) => ({
      identifier: toIdentifier(table),
      change: {
        requirements: uuid === undefined ? [] : [{ type: 'assert-table-uuid', uuid } as const],
        updates: [{ action: 'set-properties', updates: { both: 'yes' } } as const],
      },
    })
    const after = await catalog.write({ kind: 'commit-tables', commits: [set('flights'), set('staged')] })
    expect(after.map(({ metadata }) => metadata.properties['both'])).toEqual(['yes', 'yes'])
    await expect(
      catalog.write({ kind: 'commit-tables', commits: [set('busy'), set('staged', 'another')] }),
    ).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    expect((await catalog.loadTable(toIdentifier('busy'))).metadata.properties['both']).toBeUndefined()
  })

  test('lists names over many pages', async () => {
    for (const name of ['p1', 'p2', 'p3', 'p4'])
      await catalog.write({ kind: 'create-table', table: toIdentifier(name), schema: SCHEMA })
    const all = await catalog.listTables(['demo'])
    expect(all.map(({ table }) => table)).toEqual(['busy', 'cut', 'flights', 'p1', 'p2', 'p3', 'p4', 'staged'])
    expect(await openCatalog(2).listTables(['demo'])).toEqual(all)
    await catalog.write({ kind: 'create-namespace', namespace: ['other'], properties: {} })
    expect(await openCatalog(1).listNamespaces(null)).toEqual([['demo'], ['other']])
    await expect(catalog.listTables(['nowhere'])).rejects.toMatchObject({ code: 'not-found' })
  })

  test('renames, registers, drops and purges tables', async () => {
    await expect(
      catalog.write({ kind: 'rename-table', table: toIdentifier('p1'), to: toIdentifier('p2') }),
    ).rejects.toMatchObject({
      code: 'already-exists',
    })
    await catalog.write({ kind: 'rename-table', table: toIdentifier('p1'), to: toIdentifier('p1 renamed', ['other']) })
    const moved = await catalog.loadTable(toIdentifier('p1 renamed', ['other']))
    await catalog.write(
      { kind: 'drop-table', table: toIdentifier('p1 renamed', ['other']) },
      {
        alongside: ({ metadataLocation }) => [rawChange(String(metadataLocation))],
      },
    )
    expect(writtenChanges.slice(-1).map(changeSql)).toEqual([moved.metadataLocation])
    await expect(
      catalog.write({ kind: 'drop-table', table: toIdentifier('p1 renamed', ['other']) }),
    ).rejects.toMatchObject({ code: 'not-found' })
    const back = await catalog.write({
      kind: 'register-table',
      table: toIdentifier('p1'),
      metadataLocation: moved.metadataLocation,
    })
    expect(back.metadata.tableUuid).toBe(moved.metadata.tableUuid)
    await catalog.write({ kind: 'drop-table', table: toIdentifier('p2'), purge: true })
    expect((await catalog.listTables(['demo'])).map(({ table }) => table)).not.toContain('p2')
  })

  test('makes, replaces, renames and drops views', async () => {
    const version = {
      versionId: 1,
      timestampMs: Date.now(),
      schemaId: 0,
      summary: { 'engine-name': 'lakeshore' },
      representations: [{ type: 'sql', sql: 'SELECT id FROM flights', dialect: 'spark' } as const],
      defaultCatalog: null,
      defaultNamespace: ['demo'],
    }
    const created = await catalog.write({
      kind: 'create-view',
      view: toView('v'),
      schema: SCHEMA,
      version,
      properties: { comment: 'ids' },
    })
    expect(created.metadata).toMatchObject({ properties: { comment: 'ids' }, currentVersionId: 1 })
    const next = {
      ...version,
      versionId: 2,
      representations: [{ type: 'sql', sql: 'SELECT 1', dialect: 'trino' } as const],
    }
    const replaced = await catalog.write({
      kind: 'commit-view',
      view: toView('v'),
      change: {
        requirements: [],
        updates: [
          { action: 'set-properties', updates: { 'replace.drop-dialect.allowed': 'true' } },
          { action: 'add-view-version', viewVersion: next },
          { action: 'set-current-view-version', viewVersionId: -1 },
        ],
      },
    })
    expect(replaced.metadata.versions).toHaveLength(2)
    expect(replaced.metadata.currentVersionId).toBe(2)
    expect(await catalog.listViews(['demo'])).toEqual([toView('v')])
    await expect(
      catalog.write({ kind: 'rename-view', view: toView('v'), to: toView('flights') }),
    ).rejects.toMatchObject({
      code: 'already-exists',
    })
    await catalog.write({ kind: 'rename-view', view: toView('v'), to: toView('w') })
    await catalog.write({ kind: 'drop-view', view: toView('w') })
    await expect(catalog.loadView(toView('w'))).rejects.toMatchObject({ code: 'not-found' })
  })

  async function append(table: string, file: string, snapshotId?: string, by = catalog) {
    const { metadata, store } = await by.loadTable(toIdentifier(table))
    const isPartitioned = (metadata.partitionSpecs[0]?.fields.length ?? 0) > 0
    return appendFiles(SILENT_LOG, {
      catalog: by,
      store,
      identifier: toIdentifier(table),
      files: [sampleDataFile(`${metadata.location}/data/${file}`, { partition: isPartitioned ? ['ABQ'] : [] })],
      specId: 0,
      schemaId: 0,
      ...(snapshotId !== undefined && { snapshotId }),
      actor: ANN,
      signal: AbortSignal.timeout(300_000),
    })
  }
})
