import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { asViewIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import { sampleViewVersion } from '@/testing/iceberg/sample-view'
import { SILENT_LOG } from '@/testing/silent-log'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { embeddedCatalog } from '@/server/catalog/embedded/embedded-catalog'
import { TableLocks } from '@/server/catalog/embedded/table-locks'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import { localStore } from '@/server/storage/local/local-store'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** No commit creates metadata that is too large to read: it is refused before anything is written. */

const home = createTestHome()
const MEBIBYTE = 1024 * 1024

let callRest: RestClient

beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'editor')
  await callRest('POST', 'local/namespaces', { body: { namespace: ['demo'], properties: {} } })
})

const toIdentifier = (table: string): TableIdentifier => ({ catalog: 'local', namespace: ['demo'], table })
const fileAt = (location: string) => location.slice('file://'.length)
const create = (name: string, fields: object[] = [{ id: 1, name: 'id', required: false, type: 'long' }]) =>
  callRest('POST', 'local/namespaces/demo/tables', { body: { name, schema: { type: 'struct', fields } } as JsonObject })
const load = (name: string) => callRest('GET', `local/namespaces/demo/tables/${name}`)
const commit = (name: string, updates: object[]) =>
  callRest('POST', `local/namespaces/demo/tables/${name}`, { body: { requirements: [], updates } as JsonObject })
const set = (name: string, updates: Record<string, string>) => commit(name, [{ action: 'set-properties', updates }])

/** Every file in the warehouse, and every row that names a metadata file. */
async function readFilesAndRows() {
  const files = readdirSync(fileAt(home.config.warehouse), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
  return { files, rows: await home.database.read(rawQuery('SELECT * FROM iceberg_tables ORDER BY table_name')) }
}

/** Gives a table a metadata version as another program writes it. */
async function rewrite(name: string, change: (metadata: Record<string, unknown>) => void): Promise<void> {
  const { metadataLocation } = await (await openTestCatalog(home.services)).loadTable(toIdentifier(name))
  const metadata = JSON.parse(readFileSync(fileAt(metadataLocation), 'utf8')) as Record<string, unknown>
  change(metadata)
  const newLocation = metadataLocation.replace(/\/00000-/, '/00001-other-')
  writeFileSync(fileAt(newLocation), JSON.stringify(metadata))
  await home.database.commit([
    rawChange('UPDATE iceberg_tables SET metadata_location = ? WHERE table_name = ?', [newLocation, name]),
  ])
}

/** Metadata with megabytes of properties, as another program might write it. */
const enlarge = (name: string, mebibytes: Record<string, number>) =>
  rewrite(name, (metadata) => {
    const properties = Object.entries(mebibytes).map(([key, size]) => [key, 'x'.repeat(size * MEBIBYTE)])
    metadata.properties = Object.fromEntries(properties)
  })

describe('Over the REST catalog', () => {
  const columns = (version: number, doc: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      id: i + 1,
      name: `c${i}_${version}`,
      required: false,
      type: 'long',
      doc,
    }))
  const addSchema = (name: string, fields: object[]) =>
    commit(name, [
      { action: 'add-schema', schema: { type: 'struct', 'schema-id': 0, fields } },
      { action: 'set-current-schema', 'schema-id': -1 },
    ])

  it('a doc of 30 MB is refused when a table is created, staged or changed', async () => {
    const fields = columns(0, 'x'.repeat(30_000_000), 1)
    await create('small')
    const before = await readFilesAndRows()
    const schema = { type: 'struct', fields }
    const staged = { name: 'new', schema, 'stage-create': true } as JsonObject
    for (const { status, body } of [
      await create('new', fields),
      await callRest('POST', 'local/namespaces/demo/tables', { body: staged }),
      await addSchema('small', fields),
    ]) {
      expect(status).toBe(400)
      expect(JSON.stringify(body)).toContain('The doc of the column c0_0: 30,000,000 characters, but the limit is')
    }
    expect(await readFilesAndRows()).toEqual(before)
  })

  it('a doc of 30 MB is refused when a view is created or changed', async () => {
    const schema = { type: 'struct', 'schema-id': 0, fields: columns(0, 'short', 1) }
    const long = { ...schema, fields: columns(0, 'x'.repeat(30_000_000), 1) }
    const version = {
      'version-id': 1,
      'timestamp-ms': 1_700_000_000_000,
      'schema-id': 0,
      summary: {},
      representations: [{ type: 'sql', sql: 'select 1', dialect: 'spark' }],
      'default-namespace': ['demo'],
    }
    const createView = (name: string, schemaJson: object) =>
      callRest('POST', 'local/namespaces/demo/views', {
        body: { name, schema: schemaJson, 'view-version': version, properties: {} } as JsonObject,
      })
    expect((await createView('seen', schema)).status).toBe(200)
    const before = await readFilesAndRows()
    const updates = [{ action: 'add-schema', schema: long }]
    for (const { status, body } of [
      await createView('unseen', long),
      await callRest('POST', 'local/namespaces/demo/views/seen', { body: { requirements: [], updates } as JsonObject }),
    ]) {
      expect(status).toBe(400)
      expect(JSON.stringify(body)).toContain('The doc of the column c0_0: 30,000,000 characters, but the limit is')
    }
    expect(await readFilesAndRows()).toEqual(before)
  })

  it('a table with a longer doc from another program loads and accepts properties and columns, but no further such doc', async () => {
    const doc = 'x'.repeat(100_000)
    const [id] = columns(0, doc, 1)
    await create('described', columns(0, 'short', 1))
    await rewrite('described', (metadata) => {
      metadata.schemas = [{ type: 'struct', 'schema-id': 0, fields: [id] }]
    })
    expect((await load('described')).status).toBe(200)
    expect((await set('described', { owner: 'ada' })).status).toBe(200)
    const added = { id: 2, name: 'added', required: false, type: 'long' }
    expect((await addSchema('described', [id ?? {}, { ...added, doc }])).status).toBe(400)
    expect((await addSchema('described', [id ?? {}, added])).status).toBe(200)
  })

  it('schemas of megabytes are accepted up to the limit, and then the table stays unchanged', async () => {
    await create('grown')
    const statuses: number[] = []
    let last: JsonObject = {}
    let before = await readFilesAndRows()
    for (let version = 1; version <= 12 && statuses.at(-1) !== 413; version += 1) {
      before = await readFilesAndRows()
      const { status, body } = await addSchema('grown', columns(version, 'x'.repeat(65_000), 120))
      statuses.push(status)
      last = body
    }
    expect(statuses).toEqual([...Array.from({ length: 8 }, () => 200), 413])
    expect(await readFilesAndRows()).toEqual(before)
    const { message, type } = last.error as JsonObject
    expect(type).toBe('BadRequestException')
    expect(message).toMatch(
      /^The metadata of demo\.grown would have 7\d,\d{3},\d{3} bytes, but Lakeshore writes at most 67,108,864 bytes\./,
    )
    expect(message).toContain('Nothing was changed. Expire snapshots')

    expect((await load('grown')).status).toBe(200)
    const removed = [{ action: 'remove-schemas', 'schema-ids': [1, 2] }]
    expect((await commit('grown', removed)).status).toBe(200)
    expect((await addSchema('grown', columns(20, 'x'.repeat(65_000), 120))).status).toBe(200)
  })

  it('a table that another program made too large loads and can shrink in steps, but not grow', async () => {
    await create('large')
    await enlarge('large', { a: 40, b: 30, c: 10 })
    expect((await load('large')).status).toBe(200)
    const before = await readFilesAndRows()
    expect((await set('large', { owner: 'ada' })).status).toBe(413)
    expect(await readFilesAndRows()).toEqual(before)
    // Still above the limit, but smaller than before.
    expect((await commit('large', [{ action: 'remove-properties', removals: ['c'] }])).status).toBe(200)
    expect((await set('large', { owner: 'ada' })).status).toBe(413)
    expect((await commit('large', [{ action: 'remove-properties', removals: ['a'] }])).status).toBe(200)
    expect((await set('large', { owner: 'ada' })).status).toBe(200)
  })

  it('no table of a transaction changes when one of them would become too large', async () => {
    await create('one')
    await create('other')
    await enlarge('other', { a: 70 })
    const before = await readFilesAndRows()
    const change = (name: string) => ({
      identifier: { namespace: ['demo'], name },
      requirements: [],
      updates: [{ action: 'set-properties', updates: { owner: 'ada' } }],
    })
    const { status, body } = await callRest('POST', 'local/transactions/commit', {
      body: { 'table-changes': [change('one'), change('other')] } as JsonObject,
    })
    expect(status).toBe(413)
    expect(JSON.stringify(body)).toContain('The metadata of demo.other would have')
    expect(await readFilesAndRows()).toEqual(before)
  })

  it('too many short values are refused like too many bytes', async () => {
    await create('short-values')
    await rewrite('short-values', (metadata) => {
      metadata['of-another-program'] = Array.from({ length: 2_000_000 }, () => [])
    })
    expect((await load('short-values')).status).toBe(200)
    const before = await readFilesAndRows()
    const { status, body } = await set('short-values', { owner: 'ada' })
    expect(status).toBe(413)
    expect(JSON.stringify(body)).toMatch(/would have 4,000,\d{3} values, but Lakeshore writes at most 4,000,000/)
    expect(await readFilesAndRows()).toEqual(before)
  })
})

describe('A catalog', () => {
  /** A catalog with this write limit, on the same files and rows. */
  const catalogOf = (maxWrittenBytes: number) =>
    embeddedCatalog({
      name: 'local',
      warehouse: home.config.warehouse,
      database: home.database,
      store: localStore([home.config.warehouse]),
      locks: new TableLocks(),
      log: SILENT_LOG,
      metadataFiles: new MetadataFiles({ maxWrittenBytes }),
    })
  const tooLarge = (label: string) => ({
    code: 'too-large',
    message: expect.stringContaining(`The metadata of ${label} would have`),
  })
  const setProperties = (updates: Record<string, string>) => ({
    requirements: [],
    updates: [{ action: 'set-properties' as const, updates }],
  })
  const sizeOf = (location: string) => {
    const bytes = readFileSync(fileAt(location))
    return bytes[0] === 0x1f ? gunzipSync(bytes).length : bytes.length
  }

  it('creates a table at the limit, and none above it', async () => {
    const unlimited = await catalogOf(MEBIBYTE).write({
      kind: 'create-table',
      table: toIdentifier('base-1'),
      schema: ONE_COLUMN_SCHEMA,
    })
    // Tables with names of the same length have metadata files of the same length.
    const bytes = sizeOf(unlimited.metadataLocation)
    const before = await readFilesAndRows()
    await expect(
      catalogOf(bytes - 1).write({ kind: 'create-table', table: toIdentifier('base-2'), schema: ONE_COLUMN_SCHEMA }),
    ).rejects.toMatchObject(tooLarge('demo.base-2'))
    expect(await readFilesAndRows()).toEqual(before)
    const created = await catalogOf(bytes).write({
      kind: 'create-table',
      table: toIdentifier('base-3'),
      schema: ONE_COLUMN_SCHEMA,
    })
    expect(sizeOf(created.metadataLocation)).toBe(bytes)
  })

  it('applies the limit to the uncompressed size of a table with compressed metadata', async () => {
    const properties = { 'write.metadata.compression-codec': 'gzip', comment: 'é'.repeat(1000) }
    const created = await catalogOf(MEBIBYTE).write({
      kind: 'create-table',
      table: toIdentifier('packed'),
      schema: ONE_COLUMN_SCHEMA,
      properties,
    })
    const changed = await catalogOf(MEBIBYTE).write({
      kind: 'commit-table',
      table: created.identifier,
      change: setProperties({ owner: 'a' }),
    })
    const bytes = sizeOf(changed.metadataLocation)
    expect(readFileSync(fileAt(changed.metadataLocation)).length).toBeLessThan(bytes)
    await expect(
      catalogOf(bytes - 1).write({
        kind: 'commit-table',
        table: created.identifier,
        change: setProperties({ owner: 'ab' }),
      }),
    ).rejects.toMatchObject(tooLarge('demo.packed'))
    const smaller = await catalogOf(1).write({
      kind: 'commit-table',
      table: created.identifier,
      change: {
        requirements: [],
        updates: [{ action: 'remove-properties', removals: ['comment'] }],
      },
    })
    expect(smaller.metadata.properties).not.toHaveProperty('comment')
  })

  it('creates and changes a view only within the limit, and lets one above it shrink', async () => {
    const view = {
      schema: ONE_COLUMN_SCHEMA,
      version: sampleViewVersion({ schemaId: -1 }),
      properties: { kept: 'yes', comment: 'x'.repeat(5000) },
    }
    await expect(
      catalogOf(5000).write({ kind: 'create-view', view: asViewIdentifier(toIdentifier('view')), ...view }),
    ).rejects.toMatchObject(tooLarge('demo.view'))
    const created = await catalogOf(MEBIBYTE).write({
      kind: 'create-view',
      view: asViewIdentifier(toIdentifier('view')),
      ...view,
    })
    const before = await readFilesAndRows()
    await expect(
      catalogOf(5000).write({ kind: 'commit-view', view: created.identifier, change: setProperties({ owner: 'ada' }) }),
    ).rejects.toMatchObject(tooLarge('demo.view'))
    expect(await readFilesAndRows()).toEqual(before)
    const removed = { requirements: [], updates: [{ action: 'remove-properties' as const, removals: ['comment'] }] }
    const smaller = await catalogOf(1).write({ kind: 'commit-view', view: created.identifier, change: removed })
    expect(smaller.metadata.properties).toEqual({ kept: 'yes' })
    const bound = sizeOf(smaller.metadataLocation) + ',"owner":"ada"'.length
    const changed = await catalogOf(bound).write({
      kind: 'commit-view',
      view: created.identifier,
      change: setProperties({ owner: 'ada' }),
    })
    expect(sizeOf(changed.metadataLocation)).toBe(bound)
  })
})
