import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { registerTable } from '@/server/changes/actions/register-table'
import { createRestClientAs, type RestClient } from '@/testing/catalogs/rest-client'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { DRAFT_TABLE } from '@/testing/iceberg/draft-table'
import { dropTable, renameTable } from '@/testing/lifecycle/actions'
import { reviewDrop, reviewRegistration } from '@/testing/lifecycle/reviews'
import { filesCatalog } from './files/files-catalog'
import { tableFolders } from './folders/table-folders'
import type { CatalogClient } from './port/catalog-client'

const home = createTestHome()
const REFUSED = { code: 'format-unsupported', facts: { formatVersion: 4 } }
const SET_OWNER: TableUpdate[] = [{ action: 'set-properties', updates: { owner: 'bo' } }]
const { signal } = new AbortController()

let catalog: CatalogClient
let engine: RestClient
let table: TableIdentifier
let folder: string
let count = 0

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  engine = await createRestClientAs(home.services, 'admin')
})
beforeEach(() => {
  table = { catalog: 'local', namespace: ['demo'], table: `trips${(count += 1)}` }
  folder = `${home.config.warehouse}/demo/${table.table}`
})

const newRequest = () => ({
  actor: TEST_ACTOR,
  signal,
  requestId: 'r',
  idempotencyKey: `key-of-test-${(count += 1)}-0000`,
})

/** Writes the metadata file of a table of its own, with these fields changed. */
function writeDraft(change: JsonObject = {}): { metadataLocation: string; file: JsonObject } {
  const uuid = `5b0c1d9e-8a5f-4a4e-9a53-${String((count += 1)).padStart(12, '0')}`
  const whole = { ...(parseExactJson(DRAFT_TABLE) as JsonObject), location: folder, 'table-uuid': uuid, ...change }
  const file = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== null))
  const path = `${folder}/metadata`.slice('file://'.length)
  mkdirSync(path, { recursive: true })
  writeFileSync(`${path}/00001.metadata.json`, stringifyExactJson(file))
  return { metadataLocation: `${folder}/metadata/00001.metadata.json`, file }
}

async function register(change: JsonObject = {}): Promise<JsonObject> {
  const { metadataLocation, file } = writeDraft(change)
  await registerTable(home.services, table, { metadataLocation }, newRequest())
  return file
}

const filesOf = () => readdirSync(folder.slice('file://'.length), { recursive: true }).map(String).toSorted()

describe('A table of format version 4 in the embedded catalog', () => {
  it('is registered after a review of what its metadata file says', async () => {
    const { metadataLocation } = writeDraft()
    const review = await reviewRegistration(home.services, table, metadataLocation, { actor: TEST_ACTOR, signal })
    expect(review).toMatchObject({
      found: { formatVersion: 4, snapshotCount: 2, rowCount: 15 },
      problem: null,
      blockers: [],
    })
    await registerTable(home.services, table, { metadataLocation }, newRequest())
    const { metadata } = await catalog.loadTable(table)
    expect(metadata).toMatchObject({ formatVersion: 4, location: folder, refs: { main: { type: 'branch' } } })
  })

  it('is registered without the location that its file may leave out', async () => {
    await register({ location: null })
    expect((await catalog.loadTable(table)).metadata.location).toBe(folder)
  })

  it('has the folders that its properties name relative to its own', async () => {
    const properties = { 'write.data.path': 'files', 'write.metadata.path': 'metadata' }
    await register({ properties })
    expect(tableFolders((await catalog.loadTable(table)).metadata)).toEqual([
      folder,
      `${folder}/files`,
      `${folder}/metadata`,
    ])
    // The same names are other folders of another table.
    table = { ...table, table: `${table.table}_other` }
    folder = `${folder}_other`
    await register({ properties })
    await expect(catalog.loadTable(table)).resolves.toMatchObject({ metadata: { location: folder, properties } })
  })

  it('is refused when it names files outside of the warehouse', async () => {
    for (const outside of ['file:///etc/passwd', '../../../../../../etc/passwd'])
      await expect(
        register({ 'metadata-log': [{ 'metadata-file': outside, 'timestamp-ms': 1 }] }),
      ).rejects.toMatchObject({
        code: 'location-refused',
      })
  })

  it('is refused in a later version, with the versions that are read', async () => {
    await expect(register({ 'format-version': 5 })).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining(
        'format version 5: it reads versions 1 to 3, and the metadata files of version 4',
      ),
    })
  })

  it('has no files that can be read, listed or written', async () => {
    await register()
    const { store, requireReadable, metadataLocation } = await catalog.loadTable(table)
    expect(requireReadable).toThrow(expect.objectContaining(REFUSED))
    const data = `${folder}/data/a.parquet`
    for (const attempt of [
      () => store.read(metadataLocation),
      () => store.sizeBytes(data),
      () => store.listNames(folder, { limit: 1 }),
      () => store.writeNew(data, new Uint8Array(1)),
      () => store.copyNew(metadataLocation, data),
    ])
      await expect(attempt()).rejects.toMatchObject(REFUSED)
  })

  it('is not changed by any write, and no change is planned on it', async () => {
    await register()
    const before = await catalog.loadTable(table)
    const files = filesOf()
    const plan = vi.fn(() => ({ requirements: [], updates: SET_OWNER }))
    const change = { requirements: [], updates: SET_OWNER }
    const { metadataLocation } = before
    for (const attempt of [
      () => catalog.write({ kind: 'commit-table', table, change: plan }),
      () => catalog.write({ kind: 'commit-table', table, change }),
      () => catalog.write({ kind: 'commit-tables', commits: [{ identifier: table, change }] }),
      () =>
        catalog.write({
          kind: 'restore-metadata',
          table,
          expectedLocation: metadataLocation,
          earlierLocation: metadataLocation,
        }),
    ])
      await expect(attempt()).rejects.toMatchObject(REFUSED)
    expect(plan).not.toHaveBeenCalled()
    expect(filesOf()).toEqual(files)
    expect((await catalog.loadTable(table)).metadataLocation).toBe(metadataLocation)
  })

  it('is renamed and dropped, but not with its files', async () => {
    await register()
    const files = filesOf()
    const to = { ...table, table: `${table.table}_new` }
    await renameTable(home.services, table, to, newRequest())
    const { metadataLocation, purgeProblem, dropProblem } = await reviewDrop(home.services, to, {
      actor: TEST_ACTOR,
      signal,
    })
    expect([purgeProblem, dropProblem]).toEqual([expect.stringContaining('format version 4'), null])
    const drop = (isPurge: boolean) =>
      dropTable(
        home.services,
        to,
        { isPurge, metadataLocation },
        { ...newRequest(), confirmedName: `demo.${to.table}` },
      )
    await expect(drop(true)).rejects.toMatchObject(REFUSED)
    await drop(false)
    await expect(catalog.loadTable(to)).rejects.toMatchObject({ code: 'not-found' })
    expect(filesOf()).toEqual(files)
  })
})

describe('An engine that uses the embedded catalog', () => {
  const address = () => `local/namespaces/demo/tables/${table.table}`

  it('gets the metadata of such a table as its file has it', async () => {
    const file = await register()
    const { status, body } = await engine('GET', address())
    expect([status, body['metadata']]).toEqual([200, file])
  })

  it('neither plans a scan, signs a request nor commits, with the reason', async () => {
    await register()
    const files = filesOf()
    const change = { requirements: [], updates: [{ action: 'set-properties', updates: { owner: 'bo' } }] }
    const identifier = { namespace: table.namespace, name: table.table }
    for (const [path, body] of [
      [`${address()}/plan`, {}],
      [`${address()}/sign`, { method: 'GET', uri: 'https://s3.example/b/k', region: 'r', headers: {} }],
      [address(), change],
      ['local/transactions/commit', { 'table-changes': [{ identifier, ...change }] }],
    ] as const) {
      const { status, body: reply } = await engine('POST', path, { body })
      expect([path, status, reply['error']]).toEqual([
        path,
        406,
        expect.objectContaining({
          type: 'UnsupportedOperationException',
          message: expect.stringContaining('format version 4'),
        }),
      ])
    }
    expect(filesOf()).toEqual(files)
  })
})

it('A table of format version 4 that was opened from its metadata file shows it, and reads no other file', async () => {
  const { metadataLocation } = writeDraft()
  const files = filesCatalog({
    name: 'files',
    tables: [{ namespace: ['demo'], table: 'trips', metadataLocation }],
    store: home.services.stores.catalogStore('local'),
    metadataFiles: home.services.metadataFiles,
  })
  const loaded = await files.loadTable({ catalog: 'files', namespace: ['demo'], table: 'trips' })
  expect(loaded.metadata).toMatchObject({ formatVersion: 4, snapshots: { length: 2 } })
  expect(loaded.requireReadable).toThrow(expect.objectContaining(REFUSED))
  await expect(loaded.store.read(metadataLocation)).rejects.toMatchObject(REFUSED)
})
