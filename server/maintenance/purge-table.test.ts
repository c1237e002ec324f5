import { existsSync, symlinkSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { registerExternally, setPropertiesExternally } from '@/testing/catalogs/external-writes'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { listAudit } from '@/server/db/audit-list'
import { readLog } from '@/server/db/jobs/run-logs'
import { listRuns, queueRun, type Run, requestCancel } from '@/server/db/jobs/runs'
import { followRun } from '@/server/jobs/follow-run'
import { listPurgedFiles } from '@/server/lifecycle/purged-files'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { appendFiles } from '@/server/table/commit/append-files'
import { listFilesByKind } from './files-of-table'
import { PURGE_TABLE, purgeTableRuns } from './purge-table'

const testHome = createTestHome()
const SCHEMA = { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const signal = new AbortController().signal

let engine: RestClient
let count = 0
let identifier: TableIdentifier
let other: TableIdentifier
beforeAll(async () => {
  engine = await createRestClientAs(testHome.services, 'editor')
  await (await openTestCatalog(testHome.services)).write({
    kind: 'create-namespace',
    namespace: ['demo'],
    properties: {},
  })
})
beforeEach(async () => {
  count += 1
  identifier = await createTable(`t${count}`)
  other = await createTable(`other${count}`)
  await append(other, [await writeDataFile(other, 'kept.parquet')])
})

async function createTable(table: string): Promise<TableIdentifier> {
  const created = { catalog: 'local', namespace: ['demo'], table }
  await (await openTestCatalog(testHome.services)).write({
    kind: 'create-table',
    table: created,
    schema: { ...SCHEMA, fields: [...SCHEMA.fields] } as never,
  })
  return created
}

const load = async (table: TableIdentifier): Promise<LoadedTable> =>
  (await openTestCatalog(testHome.services)).loadTable(table)
const readFolder = async (table: TableIdentifier) => (await load(table)).metadata.location.slice('file://'.length)

/** Writes a file into the table's folder and returns its location. */
async function writeDataFile(table: TableIdentifier, name: string): Promise<string> {
  const file = path.join(await readFolder(table), 'data', name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, 'rows')
  return `file://${file}`
}

async function append(table: TableIdentifier, locations: readonly string[]): Promise<void> {
  const files = locations.map((location) => sampleDataFile(location))
  const store = testHome.services.stores.catalogStore('local')
  const catalog = await openTestCatalog(testHome.services)
  await appendFiles(testHome.services.log, {
    catalog,
    store,
    identifier: table,
    files,
    specId: 0,
    schemaId: 0,
    actor: TEST_ACTOR,
    signal,
  })
}

/** Appends the files, and removes their snapshot from the metadata, as PyIceberg does: no file is removed. */
async function expireAppended(locations: readonly string[]) {
  const before = (await load(identifier)).metadata.snapshots.map(({ snapshotId }) => snapshotId)
  await append(identifier, locations)
  const { snapshots } = (await load(identifier)).metadata
  const expired = snapshots.find(({ snapshotId }) => !before.includes(snapshotId))
  const main = { 'ref-name': 'main', type: 'branch', 'snapshot-id': BigInt(before.at(-1) ?? 0) }
  const { status } = await engine('POST', `local/namespaces/demo/tables/${identifier.table}`, {
    body: {
      requirements: [],
      updates: [
        { action: 'set-snapshot-ref', ...main },
        { action: 'remove-snapshots', 'snapshot-ids': [BigInt(expired?.snapshotId ?? 0)] },
      ],
    },
  })
  expect(status).toBe(200)
  return { manifestList: (expired?.manifestList ?? '').slice('file://'.length) }
}

function setProperties(table: TableIdentifier, updates: Record<string, string>) {
  return engine('POST', `local/namespaces/demo/tables/${table.table}`, {
    body: { requirements: [], updates: [{ action: 'set-properties', updates }] },
  })
}

const drop = (table: TableIdentifier) =>
  engine('DELETE', `local/namespaces/demo/tables/${table.table}?purgeRequested=true`)

async function runPurge(): Promise<Run> {
  const [queued] = await listRuns(testHome.database, { kind: PURGE_TABLE, limit: 1 })
  if (!queued) throw new Error('no purge was queued')
  const stop = new AbortController()
  const kinds = { [PURGE_TABLE]: purgeTableRuns(testHome.services.catalogs) }
  const loop = runWorkerLoop(testHome.services, { kinds, concurrency: 1, signal: stop.signal, pollMs: 5, renewMs: 20 })
  const run = await followRun(testHome.database, queued.id, { signal, onProgress: () => {}, pollMs: 5 })
  stop.abort()
  await loop
  return run
}

async function filesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name)
}

describe('A table dropped with its files', () => {
  test('leaves no file, even if a file was listed twice, and its purge is audited', async () => {
    const folder = await readFolder(identifier)
    const [one, two] = [
      await writeDataFile(identifier, 'k=1/a.parquet'),
      await writeDataFile(identifier, 'k=2/b.parquet'),
    ]
    await append(identifier, [one, two])
    await append(identifier, [one])
    await writeFile(path.join(folder, 'data', 'unlisted.parquet'), 'not named by any snapshot')
    const listed = await listPurgedFiles(testHome.services, identifier, { actor: TEST_ACTOR, signal })
    const there = await filesIn(folder)
    expect((await drop(identifier)).status).toBe(204)
    expect(await listAudit(testHome.database, { limit: 1 })).toMatchObject([
      { action: 'purge-table', table: { table: identifier.table } },
    ])
    expect(await filesIn(folder)).toContain('a.parquet')
    expect(await runPurge()).toMatchObject({ state: 'succeeded', outcome: { filesRetained: 0 } })
    expect(await filesIn(folder)).toEqual(['unlisted.parquet'])
    const names = listed.files.map(({ location }) => path.basename(location))
    expect(names.sort(), 'what the review listed').toEqual(there.filter((name) => name !== 'unlisted.parquet').sort())
    expect(listed).toMatchObject({ retainedFileCount: 0, isTruncated: false, isCatalogPurge: false })
    expect(Object.fromEntries(listed.kinds.map(({ kind, fileCount }) => [kind, fileCount]))).toEqual({
      data: 2,
      manifest: 2,
      'manifest-list': 2,
      statistics: 0,
      metadata: 3,
    })
    expect(await readdir(folder)).toEqual(['data'])
    expect(await readdir(path.join(folder, 'data')), 'without the folders that it emptied').toEqual([
      'unlisted.parquet',
    ])
    expect((await engine('HEAD', `local/namespaces/demo/tables/${identifier.table}`)).status).toBe(404)
  })

  test('leaves no statistics, not even those that later ones have replaced', async () => {
    await append(identifier, [await writeDataFile(identifier, 'a.parquet')])
    const folder = await readFolder(identifier)
    const catalog = await openTestCatalog(testHome.services)
    const { metadata } = await catalog.loadTable(identifier)
    const snapshotId = BigInt(metadata.snapshots[0]?.snapshotId ?? 0)
    const names = ['first.puffin', 'second.puffin', 'first-partitions.parquet', 'second-partitions.parquet']
    for (const name of names) {
      await writeFile(path.join(folder, 'metadata', name), 'statistics')
      const file = {
        'snapshot-id': snapshotId,
        'statistics-path': `file://${folder}/metadata/${name}`,
        'file-size-in-bytes': 10,
      }
      const update = name.endsWith('.puffin')
        ? {
            action: 'set-statistics',
            'snapshot-id': snapshotId,
            statistics: { ...file, 'file-footer-size-in-bytes': 4, 'blob-metadata': [] },
          }
        : { action: 'set-partition-statistics', 'partition-statistics': file }
      const { status } = await engine('POST', `local/namespaces/demo/tables/${identifier.table}`, {
        body: { requirements: [], updates: [update] },
      })
      expect(status).toBe(200)
    }
    const listed = await listPurgedFiles(testHome.services, identifier, { actor: TEST_ACTOR, signal })
    const statistics = listed.files.flatMap(({ kind, location }) =>
      kind === 'statistics' ? [path.basename(location)] : [],
    )
    expect(statistics.sort()).toEqual(names.toSorted())
    await drop(identifier)
    expect(await runPurge()).toMatchObject({ state: 'succeeded', outcome: { filesRetained: 0 } })
    expect(await filesIn(folder)).toEqual([])
  })

  describe('after an expiry that removed snapshots from the metadata alone', () => {
    test('leaves none of their files, and lists them', async () => {
      const folder = await readFolder(identifier)
      await append(identifier, [await writeDataFile(identifier, 'a.parquet')])
      const theirs = await writeDataFile(other, 'theirs.parquet')
      await expireAppended([await writeDataFile(identifier, 'b.parquet'), theirs])
      await expireAppended([await writeDataFile(identifier, 'c.parquet')])
      const there = await filesIn(folder)
      const listed = await listPurgedFiles(testHome.services, identifier, { actor: TEST_ACTOR, signal })
      expect(listed.files.map(({ location }) => path.basename(location)).sort()).toEqual(there.toSorted())
      expect(listed).toMatchObject({ retainedFileCount: 1, missingCount: 0, isTruncated: false })
      expect(Object.fromEntries(listed.kinds.map(({ kind, fileCount }) => [kind, fileCount]))).toMatchObject({
        data: 3,
        manifest: 3,
        'manifest-list': 3,
      })
      await drop(identifier)
      expect(await runPurge()).toMatchObject({ state: 'succeeded', outcome: { filesRetained: 1 } })
      expect(existsSync(folder)).toBe(false)
      expect(await filesIn(await readFolder(other))).toContain('theirs.parquet')
    })

    test('lists no file that was removed since, and none as missing', async () => {
      await append(identifier, [await writeDataFile(identifier, 'a.parquet')])
      const { manifestList } = await expireAppended([await writeDataFile(identifier, 'b.parquet')])
      await rm(manifestList)
      const listed = await listPurgedFiles(testHome.services, identifier, { actor: TEST_ACTOR, signal })
      expect(listed).toMatchObject({ missingCount: 0 })
      expect(listed.files.map(({ location }) => location)).not.toContain(`file://${manifestList}`)
    })

    test('removes a damaged manifest list of theirs, and says that the files it names stay', async () => {
      const folder = await readFolder(identifier)
      await append(identifier, [await writeDataFile(identifier, 'a.parquet')])
      const { manifestList } = await expireAppended([await writeDataFile(identifier, 'b.parquet')])
      await writeFile(manifestList, 'damaged')
      await drop(identifier)
      const { id, state } = await runPurge()
      expect(state).toBe('succeeded')
      expect(await filesIn(folder)).toEqual(expect.arrayContaining(['b.parquet']))
      expect(await filesIn(folder)).toHaveLength(2)
      const warnings = (await readLog(testHome.database, id, 0, 100)).filter(({ level }) => level === 'warning')
      expect(warnings).toMatchObject([{ text: expect.stringMatching(/Files that only it names stay[.]$/) }])
    })

    test('reads no manifest list of theirs outside its folders, and nothing earlier after a limit', async () => {
      const { metadata, store } = await load(identifier)
      const metadataFile = `${metadata.location}/metadata/0.json`
      const theirs = (await load(other)).metadata
      const loadEarlier = vi.fn(async () => ({ metadata: theirs, store }))
      const withLog = { ...metadata, metadataLog: [{ timestampMs: 0, metadataFile }] }
      expect(theirs.snapshots).toHaveLength(1)
      for (const [continues, readCount] of [
        [false, 0],
        [true, 1],
      ] as const) {
        const options = { signal, loadEarlier, continuesEarlier: () => continues }
        const listed: string[] = []
        for (const files of listFilesByKind({ metadata: withLog, store }, options))
          for await (const { location } of files) listed.push(location)
        expect(listed).toEqual([metadataFile])
        expect(loadEarlier).toHaveBeenCalledTimes(readCount)
      }
    })
  })

  test('reads no earlier metadata outside its folders, and goes on past one that cannot be read', async () => {
    const catalog = await openTestCatalog(testHome.services)
    const table = await catalog.loadTable(identifier)
    const folder = await readFolder(identifier)
    const statistics = [{ 'statistics-path': 'file:///s.puffin' }]
    const log = ['file:///elsewhere/0.json', `file://${folder}/metadata/1.json`, `file://${folder}/metadata/2.json`]
    const metadata = {
      ...table.metadata,
      statistics: [],
      metadataLog: log.map((metadataFile) => ({ timestampMs: 0, metadataFile })),
    }
    const read: string[] = []
    const loadEarlier = async (location: string) => {
      read.push(location)
      if (location === log[2]) throw new AppError('file-damaged', 'It is damaged.')
      return { metadata: { ...metadata, statistics }, store: table.store }
    }
    const listed: string[] = []
    for (const files of listFilesByKind({ metadata, store: table.store }, { signal, loadEarlier }))
      for await (const { kind, location } of files) if (kind === 'statistics') listed.push(location)
    expect(read).toEqual([log[2], log[1]])
    expect(listed).toEqual(['file:///s.puffin'])
  })

  test('leaves files outside its folder, wherever its manifests point', async () => {
    const outside = `${testHome.config.warehouse}/elsewhere/x.parquet`
    const file = outside.slice('file://'.length)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, 'rows')
    const otherFile = await writeDataFile(other, 'theirs.parquet')
    await append(identifier, [outside, otherFile, await writeDataFile(identifier, 'own.parquet')])
    const folder = await readFolder(identifier)
    const listed = await listPurgedFiles(testHome.services, identifier, { actor: TEST_ACTOR, signal })
    expect(listed.retainedFileCount).toBe(2)
    expect(listed.files.map(({ location }) => location)).not.toContain(outside)
    await drop(identifier)
    expect(await runPurge()).toMatchObject({ state: 'succeeded', outcome: { filesRetained: 2 } })
    expect(existsSync(file)).toBe(true)
    expect(await filesIn(await readFolder(other))).toEqual(expect.arrayContaining(['kept.parquet', 'theirs.parquet']))
    expect(await filesIn(folder)).toEqual([])
  })

  test('removes all of its own folders, and none that belongs to another table or was empty before', async () => {
    const folder = await readFolder(identifier)
    await append(identifier, [
      await writeDataFile(identifier, 'k=1/l=1/a.parquet'),
      await writeDataFile(identifier, 'k=1/l=2/b.parquet'),
    ])
    await mkdir(path.join(folder, 'data', 'never-used'))
    await drop(identifier)
    expect(await runPurge()).toMatchObject({ state: 'succeeded' })
    expect(await readdir(folder, { recursive: true })).toEqual(['data', path.join('data', 'never-used')])

    const complete = await createTable(`whole${count}`)
    const completeFolder = await readFolder(complete)
    await append(complete, [await writeDataFile(complete, 'k=1/a.parquet')])
    await drop(complete)
    expect(await runPurge()).toMatchObject({ state: 'succeeded' })
    expect(existsSync(completeFolder)).toBe(false)
    expect(existsSync(path.dirname(completeFolder))).toBe(true)
    expect(await filesIn(await readFolder(other))).toContain('kept.parquet')
    // A new table of the same name gets the same folder.
    expect(await readFolder(await createTable(`whole${count}`))).toBe(completeFolder)
  })

  test('leaves the folder of its namespace, even when that is empty', async () => {
    await (await openTestCatalog(testHome.services)).write({
      kind: 'create-namespace',
      namespace: ['alone'],
      properties: {},
    })
    const single = { catalog: 'local', namespace: ['alone'], table: 't' }
    await (await openTestCatalog(testHome.services)).write({
      kind: 'create-table',
      table: single,
      schema: { ...SCHEMA, fields: [...SCHEMA.fields] } as never,
    })
    const folder = await readFolder(single)
    await engine('DELETE', 'local/namespaces/alone/tables/t?purgeRequested=true')
    expect(await runPurge()).toMatchObject({ state: 'succeeded' })
    expect(await readdir(path.dirname(folder))).toEqual([])
  })

  test('leaves folders outside its location that its properties name, and folders behind a link', async () => {
    const folder = await readFolder(identifier)
    const dataLocation = `${testHome.config.warehouse}/aside-${count}/deep`
    const dataFolder = dataLocation.slice('file://'.length)
    await setProperties(identifier, { 'write.data.path': dataLocation })
    const linkTarget = path.join(testHome.config.warehouse.slice('file://'.length), `behind-${count}`)
    await mkdir(path.join(linkTarget, 'k=1'), { recursive: true })
    await mkdir(dataFolder, { recursive: true })
    await mkdir(path.join(folder, 'data'), { recursive: true })
    symlinkSync(linkTarget, path.join(folder, 'data', 'linked'))
    await writeFile(path.join(linkTarget, 'k=1', 'x.parquet'), 'rows')
    await writeFile(path.join(dataFolder, 'x.parquet'), 'rows')
    await append(identifier, [`${dataLocation}/x.parquet`, `file://${folder}/data/linked/k=1/x.parquet`])
    await drop(identifier)
    expect(await runPurge()).toMatchObject({ state: 'succeeded' })
    expect(await readdir(dataFolder)).toEqual([])
    expect(await readdir(linkTarget)).toEqual(['k=1'])
    expect(await readdir(path.join(folder, 'data'))).toEqual(['linked'])
  })

  test('leaves another table’s files even when its properties name that table’s folder', async () => {
    const otherFile = await writeDataFile(other, 'theirs.parquet')
    const location = (await load(other)).metadata.location
    for (const claimedLocation of [location, `${location}/data`, `${testHome.config.warehouse}/demo`]) {
      const claimant = await createTable(`claims${(count += 1)}`)
      const properties = { 'write.data.path': claimedLocation }
      expect([400, 409]).toContain((await setProperties(claimant, properties)).status)
      await setPropertiesExternally(testHome.services, claimant, properties)
      await append(claimant, [otherFile])
      await drop(claimant)
      expect(await runPurge()).toMatchObject({ state: 'succeeded', outcome: { filesRetained: 1 } })
    }
    expect(await filesIn(await readFolder(other))).toContain('theirs.parquet')
  })

  test('has its files removed from where its properties put them', async () => {
    const dataLocation = `${testHome.config.warehouse}/bulk-${count}`
    await setProperties(identifier, { 'write.data.path': dataLocation })
    const file = `${dataLocation}/x.parquet`.slice('file://'.length)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, 'rows')
    await append(identifier, [`file://${file}`])
    await drop(identifier)
    expect(await runPurge()).toMatchObject({ outcome: { filesRetained: 0 } })
    expect(existsSync(file)).toBe(false)
  })

  test('leaves the target of a link in its folder', async () => {
    const folder = await readFolder(identifier)
    const home = path.join(testHome.config.homeDir, `private-${count}`)
    await mkdir(home)
    await writeFile(path.join(home, 'x.parquet'), 'not in the lake')
    await writeDataFile(identifier, 'own.parquet')
    symlinkSync(home, path.join(folder, 'data', 'linked'))
    await append(identifier, [`file://${folder}/data/linked/x.parquet`])
    await drop(identifier)
    expect(await runPurge()).toMatchObject({ state: 'failed', error: { code: 'location-refused' } })
    expect(await filesIn(home)).toEqual(['x.parquet'])
  })
})

describe('Dropping a table with its files is refused', () => {
  test.each(['false', 'FALSE'])('when its properties say that they are shared (gc.enabled=%s)', async (value) => {
    await setProperties(identifier, { 'gc.enabled': value })
    expect(await drop(identifier)).toMatchObject({ status: 400, body: { error: { message: /GC is disabled/ } } })
    expect(await load(identifier)).toBeDefined()
  })

  test.each([
    ['in the same spelling', (location: string) => location],
    ['in another spelling', (location: string) => location.replace('file://', 'file:')],
  ])('when another table has its files in the same folder, %s', async (_how, writtenLocation) => {
    const { metadataLocation } = await load(identifier)
    const same = { ...identifier, table: `same${count}` }
    const body = { name: same.table, 'metadata-location': writtenLocation(metadataLocation) }
    expect((await engine('POST', 'local/namespaces/demo/register', { body })).status).toBe(409)
    await registerExternally(testHome.database, same, writtenLocation(metadataLocation))
    expect(await drop(identifier)).toMatchObject({ status: 400, body: { error: { message: /same folder/ } } })
    expect(await filesIn(await readFolder(identifier))).not.toEqual([])
  })

  test('when another table was created in its folder since: the purge then removes nothing', async () => {
    const { metadataLocation } = await load(identifier)
    const folder = await readFolder(identifier)
    await drop(identifier)
    const body = { name: `late${count}`, 'metadata-location': metadataLocation }
    expect((await engine('POST', 'local/namespaces/demo/register', { body })).status).toBe(200)
    expect(await runPurge()).toMatchObject({ state: 'failed', error: { code: 'invalid-request' } })
    expect(await filesIn(folder)).toHaveLength(1)
  })
})

test('A new table cannot be created in another table’s folder, in any spelling', async () => {
  const { location } = (await load(other)).metadata
  const locations = [location, `${location}/`, `${location}/data/deep`, location.replace('file://', 'file:')]
  locations.push(location.slice('file://'.length), location.replace('/demo/', '//demo//'))
  for (const [index, writtenLocation] of locations.entries()) {
    const body = { name: `thief${count}_${index}`, location: writtenLocation, schema: { type: 'struct', fields: [] } }
    expect((await engine('POST', 'local/namespaces/demo/tables', { body })).status, writtenLocation).toBe(409)
  }
})

describe('A purge that was interrupted', () => {
  test('after any of its removals is repeated and leaves nothing', async () => {
    await append(identifier, [
      await writeDataFile(identifier, 'a.parquet'),
      await writeDataFile(identifier, 'b.parquet'),
    ])
    await append(identifier, [await writeDataFile(identifier, 'c.parquet')])
    await expireAppended([await writeDataFile(identifier, 'expired.parquet')])
    const folder = await readFolder(identifier)
    const store = testHome.services.stores.catalogStore('local')
    const remove = store.remove.bind(store)
    await drop(identifier)
    let budget = 0
    const spy = vi.spyOn(store, 'remove').mockImplementation(async (location) => {
      if (!existsSync(location.slice('file://'.length))) return
      if (budget === 0) throw new AppError('file-damaged', 'the disk says no')
      budget -= 1
      await remove(location)
    })
    let attempts = 0
    for (let last = await runPurge(); last.state !== 'succeeded'; attempts += 1) {
      expect(attempts).toBeLessThan(20)
      budget = 1
      const { kind, title, spec, actor, table } = last
      await queueRun(testHome.database, { kind, title, spec, actor, table })
      last = await runPurge()
    }
    spy.mockRestore()
    expect(attempts).toBeGreaterThan(2)
    expect(existsSync(folder)).toBe(false)
  })

  test('after it removed the metadata file has nothing left to do', async () => {
    const { metadataLocation } = await load(identifier)
    await drop(identifier)
    await testHome.services.stores.catalogStore('local').remove(metadataLocation)
    expect(await runPurge()).toMatchObject({ state: 'succeeded', outcome: { filesRemoved: 0, filesRetained: 0 } })
  })

  test('by the user who started it removes nothing more', async () => {
    await append(identifier, [await writeDataFile(identifier, 'a.parquet')])
    const folder = await readFolder(identifier)
    await drop(identifier)
    const [queued] = await listRuns(testHome.database, { kind: PURGE_TABLE, limit: 1 })
    await requestCancel(testHome.database, queued?.id ?? '')
    expect(await runPurge()).toMatchObject({ state: 'cancelled' })
    expect(await filesIn(folder)).toContain('a.parquet')
  })
})
