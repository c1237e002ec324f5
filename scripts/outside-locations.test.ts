import net from 'node:net'
import fs from 'node:fs/promises'
import path from 'node:path'
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { writeManifestList } from '@/lib/iceberg/manifest-list-avro'
import { writeTableMetadata } from '@/lib/iceberg/metadata-json'
import { sampleDataFile } from '@/lib/iceberg/sample-data-file'
import { sampleMetadata, sampleSnapshot } from '@/lib/iceberg/sample-metadata'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import { endpointNamed } from '@/scripts/contract-endpoints'
import { routeHandler } from '@/scripts/route-handler'
import { type RestClient, restClientAs } from '@/scripts/rest-client'
import { makeTestHome, type SignedIn, signInAs } from '@/scripts/test-home'
import { openTestCatalog, TEST_ACTOR } from '@/scripts/test-lake'
import { TestRestCatalog, testRestCatalog } from '@/scripts/test-rest-catalog'
import { signFileToken } from '@/server/auth/file-token'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { filesCatalog } from '@/server/catalog/files/files-catalog'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import { tableFile } from '@/server/http/table-file'
import { avroCodecs } from '@/server/table/avro-codecs'
import { liveFiles, readManifests } from '@/server/table/inspect'

/**
 * Metadata that somebody else wrote, with paths that lead out: whichever way it comes in, no file outside the roots is
 * opened and no socket to anywhere.
 */

const { opened } = vi.hoisted(() => ({ opened: [] as string[] }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>()
  const open: typeof real.open = (file, ...more) => {
    opened.push(String(file))
    return real.open(file, ...more)
  }
  const opendir: typeof real.opendir = (folder, ...more) => {
    opened.push(String(folder))
    return real.opendir(folder, ...more)
  }
  return { ...real, default: real, open, opendir }
})

const outside = realpathSync(mkdtempSync(path.join(tmpdir(), 'lakeshore-outside-')))
const home = makeTestHome()
afterAll(() => rmSync(outside, { recursive: true }))

const OUTSIDE = [
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
let viewer: SignedIn
let root = ''
let connects: ReturnType<typeof vi.spyOn>
let count = 0

beforeAll(async () => {
  engine = await restClientAs(home.services, 'editor')
  viewer = await signInAs(home.services, 'viewer')
  root = home.config.warehouse.slice('file://'.length)
  await (await openTestCatalog(home.services)).createNamespace(['demo'], {})
  await fs.mkdir(root, { recursive: true })
  await fs.writeFile(path.join(outside, 'secret.avro'), 'of somebody else')
  symlinkSync(outside, path.join(root, 'linked'))
})
beforeEach(() => {
  connects = vi.spyOn(net.Socket.prototype, 'connect')
  opened.length = 0
})
afterEach(() => {
  const away = opened.filter((file) => !`${file}/`.startsWith(`${realpathSync(root)}/`))
  const sockets = connects.mock.calls.length
  connects.mockRestore()
  if (away.length > 0 || sockets > 0) throw new Error(`opened ${away.join(', ')} and ${sockets} sockets`)
})

const placed = (text: string) => text.replace('WAREHOUSE', `file://${root}`)

/** A metadata file inside the warehouse, as anybody who may write there could leave one. */
async function planted(change: Partial<TableMetadata>): Promise<string> {
  count += 1
  const file = path.join(root, `planted-${count}`, 'metadata', 'v1.metadata.json')
  await fs.mkdir(path.dirname(file), { recursive: true })
  const metadata = sampleMetadata({ location: `file://${path.dirname(path.dirname(file))}`, ...change })
  await fs.writeFile(file, writeTableMetadata(metadata))
  return `file://${file}`
}

/** A manifest list in the warehouse that names this manifest. */
async function listNaming(manifestPath: string): Promise<string> {
  const file = path.join(root, `list-${(count += 1)}.avro`)
  const manifest = {
    manifestPath,
    manifestLengthBytes: 100,
    partitionSpecId: 0,
    content: 'data' as const,
    sequenceNumber: 1,
    minSequenceNumber: 1,
    addedSnapshotId: sampleSnapshot(0).snapshotId,
    addedFilesCount: 1,
    existingFilesCount: 0,
    deletedFilesCount: 0,
    addedRowsCount: 1,
    existingRowsCount: 0,
    deletedRowsCount: 0,
    partitions: [],
    firstRowId: null,
  }
  const head = { formatVersion: 2, snapshotId: sampleSnapshot(0).snapshotId, parentSnapshotId: null, sequenceNumber: 1 }
  await fs.writeFile(file, writeManifestList([manifest], head, avroCodecs))
  return `file://${file}`
}

const withList = (manifestList: string): Partial<TableMetadata> => ({
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

/** Metadata with this location in each place that engines follow, by how people call the place. */
function placesOf(location: string): Record<string, Partial<TableMetadata>> {
  const statistics = { 'snapshot-id': 1, 'statistics-path': location, 'file-size-in-bytes': 1 }
  return {
    'write.data.path': { properties: { 'write.data.path': location } },
    'write.metadata.path': { properties: { 'write.metadata.path': location } },
    'write.object-storage.path': { properties: { 'write.object-storage.path': location } },
    'write.folder-storage.path': { properties: { 'write.folder-storage.path': location } },
    'metadata-log': { metadataLog: [{ timestampMs: 1, metadataFile: location }] },
    'a statistics file': { statistics: [statistics] },
    'statistics file': { partitionStatistics: [statistics] },
    ...(location !== '' && { 'the manifest list of snapshot': withList(location) }),
  }
}

/** A row as PyIceberg writes it into the file, past every check of ours. */
function row(metadataLocation: string): TableRef {
  const ref = { catalog: 'local', namespace: ['demo'], table: `row${(count += 1)}` }
  const database = new DatabaseSync(path.join(home.config.homeDir, 'lakeshore.db'), { timeout: 5_000 })
  database
    .prepare('INSERT INTO iceberg_tables VALUES (?, ?, ?, ?, NULL, ?)')
    .run('local', 'demo', ref.table, metadataLocation, 'TABLE')
  database.close()
  return ref
}

/** Everything that reads a table, and what each says. */
async function readAll(catalog: CatalogClient, ref: TableRef): Promise<string[]> {
  const codes: string[] = []
  const note = async (work: () => Promise<unknown>) => {
    await work().then(
      () => codes.push('fine'),
      (error: unknown) => codes.push(error instanceof AppError ? error.code : 'unexpected'),
    )
  }
  await note(async () => {
    const table = await catalog.loadTable(ref)
    const reading = { store: table.store, signal }
    for (const snapshot of table.metadata.snapshots) {
      await readManifests(home.services.manifestCache, table, snapshot, reading)
      await liveFiles(home.services.manifestCache, table, snapshot, reading)
    }
  })
  return codes
}

async function askApi(name: string, ref: TableRef): Promise<number> {
  const endpoint = endpointNamed(name)
  const isPost = endpoint.method === 'POST'
  const init = isPost ? { body: '{}', headers: { cookie: viewer.cookie, 'content-type': 'application/json' } } : {}
  const request = new Request('http://test/x', { method: endpoint.method, headers: { cookie: viewer.cookie }, ...init })
  const params = Promise.resolve({ catalog: ref.catalog, namespace: ref.namespace.join('\x1F'), table: ref.table })
  const response = await (await routeHandler(home.services, endpoint))(request, { params })
  expect(await response.text()).not.toMatch(/root:|of somebody else/)
  return response.status
}

describe.each(OUTSIDE)('A path that leads to %j', (text) => {
  test('is not registered, as metadata file or as a table’s folder', async () => {
    // A link in the warehouse is seen when it is followed.
    const folders = text.includes('linked') ? [] : [await planted({ location: placed(text) })]
    for (const location of [placed(text), ...folders]) {
      const body = { name: `r${(count += 1)}`, 'metadata-location': location }
      const { status } = await engine('POST', 'local/namespaces/demo/register', { body })
      expect([400, 403, 404], location).toContain(status)
    }
  })

  test('is not registered from any place of a metadata file, and stays readable in one that was registered before', async () => {
    // A link in the warehouse is seen when it is followed.
    const places = text.includes('linked') ? [] : Object.entries(placesOf(placed(text)))
    const catalog = await openTestCatalog(home.services)
    for (const [where, change] of places) {
      const metadataLocation = await planted({ ...EMPTY, ...change })
      const ref = { catalog: 'local', namespace: ['demo'], table: `r${(count += 1)}` }
      const body = { name: ref.table, 'metadata-location': metadataLocation }
      const answer = await engine('POST', 'local/namespaces/demo/register', { body })
      expect([answer.status, JSON.stringify(answer.body)], where).toEqual([
        403,
        expect.stringContaining('cannot be registered'),
      ])
      await expect(catalog.registerTable(ref, metadataLocation), where).rejects.toMatchObject({
        code: 'location-refused',
        message: expect.stringContaining(where),
      })
      await expect(catalog.loadTable(ref)).rejects.toMatchObject({ code: 'not-found' })
      expect((await catalog.loadTable(row(metadataLocation))).metadata).toMatchObject(change)
    }
  })

  test('is not read as metadata file of a row that another program wrote', async () => {
    const ref = row(placed(text))
    expect(await readAll(await openTestCatalog(home.services), ref)).toEqual([
      expect.stringMatching(/^(location-refused|file-missing)$/),
    ])
    for (const name of ['getTable', 'listSnapshots', 'listFiles', 'scanTable']) {
      expect(await askApi(name, ref), name).toBeGreaterThanOrEqual(400)
    }
    expect((await engine('GET', `local/namespaces/demo/tables/${ref.table}`)).status).toBeGreaterThanOrEqual(400)
  })

  test('is not read as manifest list, nor as manifest', async () => {
    const lists = text === '' ? [] : [placed(text)]
    for (const list of [...lists, await listNaming(placed(text))]) {
      const ref = row(await planted(withList(list)))
      expect(await readAll(await openTestCatalog(home.services), ref)).toEqual([
        expect.stringMatching(/^(location-refused|file-missing)$/),
      ])
      for (const name of ['listFiles', 'scanTable']) expect(await askApi(name, ref), name).toBeGreaterThanOrEqual(400)
    }
  })

  test('is neither read nor removed as earlier metadata or statistics', async () => {
    const location = await planted({
      metadataLog: [{ timestampMs: 1, metadataFile: placed(text) }],
      statistics: [{ 'snapshot-id': 1n, 'statistics-path': placed(text), 'file-size-in-bytes': 1n }],
      properties: { 'write.metadata.delete-after-commit.enabled': 'true', 'write.metadata.previous-versions-max': '1' },
      ...withList(await listNaming(`file://${root}/none.avro`)),
    })
    const ref = row(location)
    const updates = [{ action: 'set-properties', updates: { a: '1' } }]
    for (let times = 0; times < 2; times += 1) {
      await engine('POST', `local/namespaces/demo/tables/${ref.table}`, { body: { requirements: [], updates } })
    }
    expect(await fs.readFile(path.join(outside, 'secret.avro'), 'utf8')).toBe('of somebody else')
  })

  test('is not written into metadata by a commit', async () => {
    const name = `c${(count += 1)}`
    const schema = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
    await engine('POST', 'local/namespaces/demo/tables', { body: { name, schema } })
    const statistics = {
      'snapshot-id': 1,
      'statistics-path': placed(text),
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
      { action: 'set-location', location: placed(text) },
      { action: 'set-statistics', 'snapshot-id': 1, statistics },
      { action: 'add-snapshot', snapshot: { ...snapshot, 'manifest-list': placed(text) } },
      ...properties.map((property) => ({ action: 'set-properties', updates: { [property]: placed(text) } })),
    ]) {
      if (isLink) continue
      const body = { requirements: [], updates: [update] }
      const { status } = await engine('POST', `local/namespaces/demo/tables/${name}`, { body })
      expect([400, 403, 404], JSON.stringify(update)).toContain(status)
    }
  })

  test('is not served as a data file, though its token is ours', async () => {
    const ref = row(await planted({}))
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(ref)
    const token = signFileToken(home.services, {
      ref,
      tableUuid: metadata.tableUuid,
      location: placed(text),
      userId: TEST_ACTOR.userId,
    })
    await expect(tableFile(home.services, token, { actor: TEST_ACTOR, signal })).rejects.toMatchObject({
      code: expect.stringMatching(/^(location-refused|file-missing)$/),
    })
  })

  test('is not opened through a connection of metadata files', async () => {
    const store = home.services.stores.storeForAll(
      [{ kind: 'local', roots: [home.config.warehouse], isReadOnly: true }],
      [{ from: 'moved://', to: `file://${root}/` }],
    )
    const table = { namespace: ['n'], table: 't' }
    const locations = [placed(text), await planted(withList(await listNaming(placed(text))))]
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
  test.each(OUTSIDE.filter((text) => text !== ''))('leads to no file at %j', async (text) => {
    const remote = await TestRestCatalog.start()
    connects.mockRestore()
    const metadata = sampleMetadata(withList(placed(text)))
    const body = `{"metadata-location":${JSON.stringify(placed(text))},"metadata":${writeTableMetadata(metadata)}}`
    remote.on('GET /v1/namespaces/a/tables/t', { body })
    const storage = [{ kind: 'local' as const, roots: [home.config.warehouse] }]
    const catalog = testRestCatalog(remote.uri, {
      storage,
      storeForAll: (accesses, mappings) => home.services.stores.storeForAll(accesses, mappings),
    })
    const codes = await readAll(catalog, { catalog: 'remote', namespace: ['a'], table: 't' })
    expect(codes).toEqual([expect.stringMatching(/^(location-refused|file-missing)$/)])
    const asked = remote.seen.map(({ path: address }) => address)
    expect(asked.every((address) => address.startsWith('/v1/'))).toBe(true)
    await remote.stop()
    connects = vi.spyOn(net.Socket.prototype, 'connect')
  })
})

test('A table whose files are all in the warehouse is registered', async () => {
  const catalog = await openTestCatalog(home.services)
  const inside = placesOf(`file://${root}/inside-${count}/x`)
  const ref = { catalog: 'local', namespace: ['demo'], table: `r${(count += 1)}` }
  const metadataLocation = await planted(Object.assign({ ...EMPTY }, ...Object.values(inside)))
  expect((await catalog.registerTable(ref, metadataLocation)).metadataLocation).toBe(metadataLocation)
  const { status } = await engine('GET', `local/namespaces/demo/tables/${ref.table}`)
  expect(status).toBe(200)
})

test('A token that is changed in any place is none', async () => {
  const ref = row(await planted({}))
  const token = signFileToken(home.services, { ref, tableUuid: 'u', location: 'file:///x', userId: TEST_ACTOR.userId })
  const [text = '', signature = ''] = token.split('.')
  const other = Buffer.from(text, 'base64url').toString().replace('file:///x', 'file:///y')
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
      tableFile(home.services, forged, { actor: TEST_ACTOR, signal }),
      forged.slice(0, 40),
    ).rejects.toMatchObject({
      code: 'forbidden',
    })
  }
})

test('A data file outside is taken by no commit of ours', () => {
  const store = home.services.stores.ofCatalog('local')
  for (const text of OUTSIDE.filter((one) => !one.includes('linked'))) {
    const { filePath } = sampleDataFile(placed(text))
    expect(() => store.checkLocation(filePath), text).toThrow(expect.objectContaining({ code: 'location-refused' }))
  }
})

test('What is opened is seen here', async () => {
  await (await openTestCatalog(home.services)).loadTable(row(await planted({})))
  expect(opened.some((file) => file.endsWith('v1.metadata.json'))).toBe(true)
})
