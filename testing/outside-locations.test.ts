import net from 'node:net'
import { syncBuiltinESMExports } from 'node:module'
import fs from 'node:fs/promises'
import path from 'node:path'
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { createTableOfFiles } from '@/testing/catalogs/table-of-files'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { RestCatalogStandIn, createTestRestCatalog } from '@/testing/catalogs/rest-catalog-stand-in'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { filesCatalog } from '@/server/catalog/files/files-catalog'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import { openTableFile } from '@/server/http/open-table-file'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { readLiveFiles } from '@/server/table/files/live-files'
import { readManifests } from '@/testing/catalogs/read-manifests'
import { sampleManifest } from '@/testing/iceberg/sample-manifest'

/**
 * Metadata that another user wrote, with paths that lead out: whichever way it comes in, no file outside the roots is
 * opened and no socket to anywhere.
 */

const opened: string[] = []
const { open, opendir } = fs
vi.spyOn(fs, 'open').mockImplementation((file, ...more) => {
  opened.push(String(file))
  return open(file, ...more)
})
vi.spyOn(fs, 'opendir').mockImplementation((folder, ...more) => {
  opened.push(String(folder))
  return opendir(folder, ...more)
})
syncBuiltinESMExports()

const outside = realpathSync(mkdtempSync(path.join(tmpdir(), 'lakeshore-outside-')))
const home = createTestHome()
afterAll(() => rmSync(outside, { recursive: true }))

const OUTSIDE_LOCATIONS = [
  'file:///etc/passwd',
  '/etc/passwd',
  'file:/etc/passwd',
  'file://localhost/etc/passwd',
  'http://169.254.169.254/latest/meta-data/',
  'https://evil.example/x.avro',
  's3://other/x.avro',
  's3a://169.254.169.254/x',
  'ftp://evil.example/x',
  'data:application/json,{}',
  'WAREHOUSE/../../../../../../etc/passwd',
  'WAREHOUSE/%2e%2e/%2e%2e/etc/passwd',
  'WAREHOUSE/..%2f..%2fetc/passwd',
  'WAREHOUSE/linked/secret.avro',
  'WAREHOUSE2/x.avro',
  'WAREHOUSE/x\0.avro',
  'WAREHOUSE\\..\\..\\etc\\passwd',
  '',
]

const signal = new AbortController().signal
let engine: RestClient
let viewer: SignedInUser
let root = ''
let connects: ReturnType<typeof vi.spyOn>
let count = 0

beforeAll(async () => {
  engine = await createRestClientAs(home.services, 'editor')
  viewer = await signInAs(home.services, 'viewer')
  root = home.config.warehouse.slice('file://'.length)
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await fs.mkdir(root, { recursive: true })
  await fs.writeFile(path.join(outside, 'secret.avro'), 'of another user')
  symlinkSync(outside, path.join(root, 'linked'))
})
beforeEach(() => {
  connects = vi.spyOn(net.Socket.prototype, 'connect')
  opened.length = 0
})
afterEach(() => {
  const outsideFiles = opened.filter((file) => !`${file}/`.startsWith(`${realpathSync(root)}/`))
  const sockets = connects.mock.calls.length
  connects.mockRestore()
  if (outsideFiles.length > 0 || sockets > 0)
    throw new Error(`opened ${outsideFiles.join(', ')} and ${sockets} sockets`)
})

const inWarehouse = (text: string) => text.replace('WAREHOUSE', `file://${root}`)

/** A metadata file inside the warehouse, as any program that may write there could leave one. */
async function writeMetadataFile(change: Partial<TableMetadata>): Promise<string> {
  count += 1
  const file = path.join(root, `planted-${count}`, 'metadata', 'v1.metadata.json')
  await fs.mkdir(path.dirname(file), { recursive: true })
  const metadata = sampleMetadata({ location: `file://${path.dirname(path.dirname(file))}`, ...change })
  await fs.writeFile(file, writeTableMetadata(metadata))
  return `file://${file}`
}

/** A manifest list in the warehouse that names this manifest. */
async function writeManifestListOf(manifestPath: string): Promise<string> {
  const file = path.join(root, `list-${(count += 1)}.avro`)
  const manifest = sampleManifest({ manifestPath, addedSnapshotId: sampleSnapshot(0).snapshotId })
  const head = { formatVersion: 2, snapshotId: sampleSnapshot(0).snapshotId, parentSnapshotId: null, sequenceNumber: 1 }
  await fs.writeFile(file, writeManifestList([manifest], head, avroCodecs))
  return `file://${file}`
}

const withManifestList = (manifestList: string): Partial<TableMetadata> => ({
  snapshots: [sampleSnapshot(0, { manifestList })],
  currentSnapshotId: sampleSnapshot(0).snapshotId,
  refs: { main: { snapshotId: sampleSnapshot(0).snapshotId, type: 'branch' } },
  snapshotLog: [],
})

const EMPTY: Partial<TableMetadata> = {
  snapshots: [],
  currentSnapshotId: null,
  refs: {},
  snapshotLog: [],
  metadataLog: [],
  statistics: [],
  partitionStatistics: [],
  properties: {},
}

/** Metadata with this location in each field that engines follow, by the usual name of the field. */
function metadataByField(location: string): Record<string, Partial<TableMetadata>> {
  const statistics = { 'snapshot-id': 1, 'statistics-path': location, 'file-size-in-bytes': 1 }
  return {
    'write.data.path': { properties: { 'write.data.path': location } },
    'write.metadata.path': { properties: { 'write.metadata.path': location } },
    'write.object-storage.path': { properties: { 'write.object-storage.path': location } },
    'write.folder-storage.path': { properties: { 'write.folder-storage.path': location } },
    'metadata-log': { metadataLog: [{ timestampMs: 1, metadataFile: location }] },
    'a statistics file': { statistics: [statistics] },
    'statistics file': { partitionStatistics: [statistics] },
    ...(location !== '' && { 'the manifest list of snapshot': withManifestList(location) }),
  }
}

/** A row as PyIceberg writes it into the file, past every check of ours. */
function insertTableRow(metadataLocation: string): TableIdentifier {
  const identifier = { catalog: 'local', namespace: ['demo'], table: `row${(count += 1)}` }
  const database = new DatabaseSync(path.join(home.config.homeDir, 'lakeshore.db'), { timeout: 5_000 })
  database
    .prepare('INSERT INTO iceberg_tables VALUES (?, ?, ?, ?, NULL, ?)')
    .run('local', 'demo', identifier.table, metadataLocation, 'TABLE')
  database.close()
  return identifier
}

/** All operations that read a table, with the answer of each. */
async function readAll(catalog: CatalogClient, identifier: TableIdentifier): Promise<string[]> {
  const codes: string[] = []
  const recordCode = async (work: () => Promise<unknown>) => {
    await work().then(
      () => codes.push('fine'),
      (error: unknown) => codes.push(error instanceof AppError ? error.code : 'unexpected'),
    )
  }
  await recordCode(async () => {
    const table = await catalog.loadTable(identifier)
    const reading = { store: table.store, signal }
    for (const snapshot of table.metadata.snapshots) {
      await readManifests(home.services.manifestCache, table, snapshot, reading)
      await readLiveFiles(home.services.manifestCache, table, snapshot, reading)
    }
  })
  return codes
}

async function callApi(name: string, identifier: TableIdentifier): Promise<number> {
  const endpoint = findEndpoint(name)
  const isPost = endpoint.method === 'POST'
  const init = isPost ? { body: '{}', headers: { cookie: viewer.cookie, 'content-type': 'application/json' } } : {}
  const request = new Request('http://test/x', { method: endpoint.method, headers: { cookie: viewer.cookie }, ...init })
  const params = Promise.resolve({
    catalog: identifier.catalog,
    namespace: identifier.namespace.join('\x1F'),
    table: identifier.table,
  })
  const response = await (await loadRouteHandler(home.services, endpoint))(request, { params })
  expect(await response.text()).not.toMatch(/root:|of another user/)
  return response.status
}

describe.each(OUTSIDE_LOCATIONS)('A path that leads to %j', (text) => {
  test('is not registered, as metadata file or as a table’s folder', async () => {
    // A link in the warehouse is seen when it is followed.
    const folders = text.includes('linked') ? [] : [await writeMetadataFile({ location: inWarehouse(text) })]
    for (const location of [inWarehouse(text), ...folders]) {
      const body = { name: `r${(count += 1)}`, 'metadata-location': location }
      const { status } = await engine('POST', 'local/namespaces/demo/register', { body })
      expect([400, 403, 404], location).toContain(status)
    }
  })

  test('is not registered from any field of a metadata file, and stays readable in one that was registered before', async () => {
    // A link in the warehouse is seen when it is followed.
    const metadataFields = text.includes('linked') ? [] : Object.entries(metadataByField(inWarehouse(text)))
    const catalog = await openTestCatalog(home.services)
    for (const [fieldName, change] of metadataFields) {
      const metadataLocation = await writeMetadataFile({ ...EMPTY, ...change })
      const identifier = { catalog: 'local', namespace: ['demo'], table: `r${(count += 1)}` }
      const body = { name: identifier.table, 'metadata-location': metadataLocation }
      const answer = await engine('POST', 'local/namespaces/demo/register', { body })
      expect([answer.status, JSON.stringify(answer.body)], fieldName).toEqual([
        403,
        expect.stringContaining('cannot be registered'),
      ])
      await expect(
        catalog.write({ kind: 'register-table', table: identifier, metadataLocation }),
        fieldName,
      ).rejects.toMatchObject({
        code: 'location-refused',
        message: expect.stringContaining(fieldName),
      })
      await expect(catalog.loadTable(identifier)).rejects.toMatchObject({ code: 'not-found' })
      expect((await catalog.loadTable(insertTableRow(metadataLocation))).metadata).toMatchObject(change)
    }
  })

  test('is not read as metadata file of a row that another program wrote', async () => {
    const identifier = insertTableRow(inWarehouse(text))
    expect(await readAll(await openTestCatalog(home.services), identifier)).toEqual([
      expect.stringMatching(/^(location-refused|file-missing)$/),
    ])
    for (const name of ['getTable', 'listSnapshots', 'listFiles', 'scanTable']) {
      expect(await callApi(name, identifier), name).toBeGreaterThanOrEqual(400)
    }
    expect((await engine('GET', `local/namespaces/demo/tables/${identifier.table}`)).status).toBeGreaterThanOrEqual(400)
  })

  test('is not read as manifest list, nor as manifest', async () => {
    const lists = text === '' ? [] : [inWarehouse(text)]
    for (const list of [...lists, await writeManifestListOf(inWarehouse(text))]) {
      const identifier = insertTableRow(await writeMetadataFile(withManifestList(list)))
      expect(await readAll(await openTestCatalog(home.services), identifier)).toEqual([
        expect.stringMatching(/^(location-refused|file-missing)$/),
      ])
      for (const name of ['listFiles', 'scanTable'])
        expect(await callApi(name, identifier), name).toBeGreaterThanOrEqual(400)
    }
  })

  test('is neither read nor removed as earlier metadata or statistics', async () => {
    const location = await writeMetadataFile({
      metadataLog: [{ timestampMs: 1, metadataFile: inWarehouse(text) }],
      statistics: [{ 'snapshot-id': 1n, 'statistics-path': inWarehouse(text), 'file-size-in-bytes': 1n }],
      properties: { 'write.metadata.delete-after-commit.enabled': 'true', 'write.metadata.previous-versions-max': '1' },
      ...withManifestList(await writeManifestListOf(`file://${root}/none.avro`)),
    })
    const identifier = insertTableRow(location)
    const updates = [{ action: 'set-properties', updates: { a: '1' } }]
    for (let times = 0; times < 2; times += 1) {
      await engine('POST', `local/namespaces/demo/tables/${identifier.table}`, { body: { requirements: [], updates } })
    }
    expect(await fs.readFile(path.join(outside, 'secret.avro'), 'utf8')).toBe('of another user')
  })

  test('is not written into metadata by a commit', async () => {
    const name = `c${(count += 1)}`
    const schema = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
    await engine('POST', 'local/namespaces/demo/tables', { body: { name, schema } })
    const statistics = {
      'snapshot-id': 1,
      'statistics-path': inWarehouse(text),
      'file-size-in-bytes': 1,
      'file-footer-size-in-bytes': 1,
      'blob-metadata': [],
    }
    const snapshot = {
      'snapshot-id': 1,
      'sequence-number': 1,
      'timestamp-ms': 1,
      summary: { operation: 'append' },
      'schema-id': 0,
    }
    const properties = [
      'write.data.path',
      'write.metadata.path',
      'write.object-storage.path',
      'write.folder-storage.path',
    ]
    const isLink = text.includes('linked')
    for (const update of [
      { action: 'set-location', location: inWarehouse(text) },
      { action: 'set-statistics', 'snapshot-id': 1, statistics },
      { action: 'add-snapshot', snapshot: { ...snapshot, 'manifest-list': inWarehouse(text) } },
      ...properties.map((property) => ({ action: 'set-properties', updates: { [property]: inWarehouse(text) } })),
    ]) {
      if (isLink) continue
      const body = { requirements: [], updates: [update] }
      const { status } = await engine('POST', `local/namespaces/demo/tables/${name}`, { body })
      expect([400, 403, 404], JSON.stringify(update)).toContain(status)
    }
  })

  test('is not served as a data file, though a manifest names it and the token is ours', async () => {
    const table = await createTableOfFiles(home.services, `f${(count += 1)}`, [inWarehouse(text)])
    const token = table.signToken(TEST_ACTOR.userId)
    await expect(
      openTableFile(home.services, { token, index: 0 }, { actor: TEST_ACTOR, signal }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^(location-refused|file-missing)$/),
    })
  })

  test('is not opened through a connection of metadata files', async () => {
    const store = home.services.stores.storeForAll(
      [{ kind: 'local', roots: [home.config.warehouse], isReadOnly: true }],
      [{ from: 'moved://', to: `file://${root}/` }],
    )
    const table = { namespace: ['n'], table: 't' }
    const locations = [
      inWarehouse(text),
      await writeMetadataFile(withManifestList(await writeManifestListOf(inWarehouse(text)))),
    ]
    if (text.startsWith('WAREHOUSE/')) locations.push(text.replace('WAREHOUSE/', 'moved://'))
    for (const metadataLocation of locations) {
      const catalog = filesCatalog({
        metadataFiles: new MetadataFiles(),
        name: 'files',
        tables: [{ ...table, metadataLocation }],
        store,
      })
      expect(await readAll(catalog, { catalog: 'files', ...table })).toEqual([
        expect.stringMatching(/^(location-refused|file-missing|file-damaged)$/),
      ])
    }
  })
})

describe('What a remote catalog answers', () => {
  test.each(OUTSIDE_LOCATIONS.filter((text) => text !== ''))('leads to no file at %j', async (text) => {
    const remote = await RestCatalogStandIn.start()
    connects.mockRestore()
    const metadata = sampleMetadata(withManifestList(inWarehouse(text)))
    const body = `{"metadata-location":${JSON.stringify(inWarehouse(text))},"metadata":${writeTableMetadata(metadata)}}`
    remote.on('GET /v1/namespaces/a/tables/t', { body })
    const storage = [{ kind: 'local' as const, roots: [home.config.warehouse] }]
    const catalog = createTestRestCatalog(remote.uri, {
      storage,
      storeForAll: (accesses, mappings) => home.services.stores.storeForAll(accesses, mappings),
    })
    const codes = await readAll(catalog, { catalog: 'remote', namespace: ['a'], table: 't' })
    expect(codes).toEqual([expect.stringMatching(/^(location-refused|file-missing)$/)])
    const requestPaths = remote.received.map(({ path: address }) => address)
    expect(requestPaths.every((address) => address.startsWith('/v1/'))).toBe(true)
    await remote.stop()
    connects = vi.spyOn(net.Socket.prototype, 'connect')
  })
})

test('A table whose files are all in the warehouse is registered', async () => {
  const catalog = await openTestCatalog(home.services)
  const insideMetadata = metadataByField(`file://${root}/inside-${count}/x`)
  const identifier = { catalog: 'local', namespace: ['demo'], table: `r${(count += 1)}` }
  const metadataLocation = await writeMetadataFile(Object.assign({ ...EMPTY }, ...Object.values(insideMetadata)))
  expect((await catalog.write({ kind: 'register-table', table: identifier, metadataLocation })).metadataLocation).toBe(
    metadataLocation,
  )
  const { status } = await engine('GET', `local/namespaces/demo/tables/${identifier.table}`)
  expect(status).toBe(200)
})

test('A token that is changed at any position is invalid', async () => {
  const table = await createTableOfFiles(home.services, `f${(count += 1)}`, [`file://${root}/x`])
  const token = table.signToken(TEST_ACTOR.userId)
  const [text = '', signature = ''] = token.split('.')
  const other = Buffer.from(text, 'base64url').toString().replace('"demo"', '"other"')
  for (const forged of [
    `${Buffer.from(other).toString('base64url')}.${signature}`,
    `${text}.${signature.slice(0, -2)}AA`,
    `${text}.`,
    `.${signature}`,
    text,
    `${token}.${signature}`,
    `${text}=.${signature}`,
    `${text}.${signature}=`,
    '..',
    'x'.repeat(100_000),
    '\0',
  ]) {
    await expect(
      openTableFile(home.services, { token: forged, index: 0 }, { actor: TEST_ACTOR, signal }),
      forged.slice(0, 40),
    ).rejects.toMatchObject({
      code: 'forbidden',
    })
  }
})

test('A data file outside is taken by no commit of ours', () => {
  const store = home.services.stores.catalogStore('local')
  for (const text of OUTSIDE_LOCATIONS.filter((one) => !one.includes('linked'))) {
    const { filePath } = sampleDataFile(inWarehouse(text))
    expect(() => store.checkLocation(filePath), text).toThrow(expect.objectContaining({ code: 'location-refused' }))
  }
})

test('What is opened is seen here', async () => {
  await (await openTestCatalog(home.services)).loadTable(insertTableRow(await writeMetadataFile({})))
  expect(opened.some((file) => file.endsWith('v1.metadata.json'))).toBe(true)
})
