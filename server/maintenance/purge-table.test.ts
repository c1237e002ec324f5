import { existsSync, symlinkSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { sampleDataFile } from '@/lib/iceberg/sample-data-file'
import { registerElsewhere, setPropertiesElsewhere } from '@/scripts/other-program'
import { type RestClient, restClientAs } from '@/scripts/rest-client'
import { makeTestHome } from '@/scripts/test-home'
import { openTestCatalog, TEST_ACTOR } from '@/scripts/test-lake'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import { listAudit } from '@/server/db/audit'
import { listRuns, queueRun, type Run, requestCancel } from '@/server/db/jobs'
import { followRun } from '@/server/jobs/follow-run'
import { workLoop } from '@/server/jobs/worker-loop'
import { appendFiles } from '@/server/table/append-files'
import { PURGE_TABLE, purgeRuns } from './purge-table'

const testHome = makeTestHome()
const SCHEMA = { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const signal = new AbortController().signal

let engine: RestClient
let count = 0
let ref: TableRef
let other: TableRef
beforeAll(async () => {
  engine = await restClientAs(testHome.services, 'editor')
  await (await openTestCatalog(testHome.services)).createNamespace(['demo'], {})
})
beforeEach(async () => {
  count += 1
  ref = await made(`t${count}`)
  other = await made(`other${count}`)
  await append(other, [await dataFile(other, 'kept.parquet')])
})

async function made(table: string): Promise<TableRef> {
  const named = { catalog: 'local', namespace: ['demo'], table }
  await (await openTestCatalog(testHome.services)).createTable(named, {
    schema: { ...SCHEMA, fields: [...SCHEMA.fields] } as never,
  })
  return named
}

const load = async (table: TableRef): Promise<LoadedTable> =>
  (await openTestCatalog(testHome.services)).loadTable(table)
const folderOf = async (table: TableRef) => (await load(table)).metadata.location.slice('file://'.length)

/** A file at its place in the table's folder, and its location. */
async function dataFile(table: TableRef, name: string): Promise<string> {
  const file = path.join(await folderOf(table), 'data', name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, 'rows')
  return `file://${file}`
}

async function append(table: TableRef, locations: readonly string[]): Promise<void> {
  const files = locations.map((location) => sampleDataFile(location))
  const store = testHome.services.stores.ofCatalog('local')
  const catalog = await openTestCatalog(testHome.services)
  await appendFiles(testHome.services.log, {
    catalog,
    store,
    ref: table,
    files,
    specId: 0,
    schemaId: 0,
    actor: TEST_ACTOR,
    signal,
  })
}

function setProperties(table: TableRef, updates: Record<string, string>) {
  return engine('POST', `local/namespaces/demo/tables/${table.table}`, {
    body: { requirements: [], updates: [{ action: 'set-properties', updates }] },
  })
}

const drop = (table: TableRef) => engine('DELETE', `local/namespaces/demo/tables/${table.table}?purgeRequested=true`)

async function purged(): Promise<Run> {
  const [queued] = await listRuns(testHome.database, { kind: PURGE_TABLE, limit: 1 })
  if (!queued) throw new Error('no purge was queued')
  const stop = new AbortController()
  const kinds = { [PURGE_TABLE]: purgeRuns(testHome.services.catalogs) }
  const loop = workLoop(testHome.services, { kinds, concurrency: 1, signal: stop.signal, pollMs: 5, renewMs: 20 })
  const run = await followRun(testHome.database, queued.id, { signal, onProgress: () => {} })
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
  test('leaves none, whatever was listed twice, and its purge is told of', async () => {
    const folder = await folderOf(ref)
    const [one, two] = [await dataFile(ref, 'k=1/a.parquet'), await dataFile(ref, 'k=2/b.parquet')]
    await append(ref, [one, two])
    await append(ref, [one])
    await writeFile(path.join(folder, 'data', 'of nobody.parquet'), 'not named by any snapshot')
    expect((await drop(ref)).status).toBe(204)
    expect(await listAudit(testHome.database, { limit: 1 })).toMatchObject([
      { action: 'purge-table', table: { table: ref.table } },
    ])
    expect(await filesIn(folder)).toContain('a.parquet')
    expect(await purged()).toMatchObject({ state: 'succeeded', outcome: { filesLeft: 0 } })
    expect(await filesIn(folder)).toEqual(['of nobody.parquet'])
    expect(await readdir(folder)).toEqual(['data'])
    expect(await readdir(path.join(folder, 'data')), 'but the folders that it emptied').toEqual(['of nobody.parquet'])
    expect((await engine('HEAD', `local/namespaces/demo/tables/${ref.table}`)).status).toBe(404)
  })

  test('leaves what is outside its folder, wherever its manifests point', async () => {
    const outside = `${testHome.config.warehouse}/elsewhere/x.parquet`
    const file = outside.slice('file://'.length)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, 'rows')
    const theirs = await dataFile(other, 'theirs.parquet')
    await append(ref, [outside, theirs, await dataFile(ref, 'own.parquet')])
    const folder = await folderOf(ref)
    await drop(ref)
    expect(await purged()).toMatchObject({ state: 'succeeded', outcome: { filesLeft: 2 } })
    expect(existsSync(file)).toBe(true)
    expect(await filesIn(await folderOf(other))).toEqual(expect.arrayContaining(['kept.parquet', 'theirs.parquet']))
    expect(await filesIn(folder)).toEqual([])
  })

  test('leaves no folder of its own, and every one that is somebody else’s or was empty before', async () => {
    const folder = await folderOf(ref)
    await append(ref, [await dataFile(ref, 'k=1/l=1/a.parquet'), await dataFile(ref, 'k=1/l=2/b.parquet')])
    await mkdir(path.join(folder, 'data', 'never-used'))
    await drop(ref)
    expect(await purged()).toMatchObject({ state: 'succeeded' })
    expect(await readdir(folder, { recursive: true })).toEqual(['data', path.join('data', 'never-used')])

    const whole = await made(`whole${count}`)
    const wholeFolder = await folderOf(whole)
    await append(whole, [await dataFile(whole, 'k=1/a.parquet')])
    await drop(whole)
    expect(await purged()).toMatchObject({ state: 'succeeded' })
    expect(existsSync(wholeFolder)).toBe(false)
    expect(existsSync(path.dirname(wholeFolder))).toBe(true)
    expect(await filesIn(await folderOf(other))).toContain('kept.parquet')
    // A table of that name goes there again.
    expect(await folderOf(await made(`whole${count}`))).toBe(wholeFolder)
  })

  test('leaves the folder of its namespace, though that is empty then', async () => {
    await (await openTestCatalog(testHome.services)).createNamespace(['alone'], {})
    const only = { catalog: 'local', namespace: ['alone'], table: 't' }
    await (await openTestCatalog(testHome.services)).createTable(only, {
      schema: { ...SCHEMA, fields: [...SCHEMA.fields] } as never,
    })
    const folder = await folderOf(only)
    await engine('DELETE', 'local/namespaces/alone/tables/t?purgeRequested=true')
    expect(await purged()).toMatchObject({ state: 'succeeded' })
    expect(await readdir(path.dirname(folder))).toEqual([])
  })

  test('leaves the folders outside its location that its properties name, and those behind a link', async () => {
    const folder = await folderOf(ref)
    const place = `${testHome.config.warehouse}/aside-${count}/deep`
    const aside = place.slice('file://'.length)
    await setProperties(ref, { 'write.data.path': place })
    const behind = path.join(testHome.config.warehouse.slice('file://'.length), `behind-${count}`)
    await mkdir(path.join(behind, 'k=1'), { recursive: true })
    await mkdir(aside, { recursive: true })
    await mkdir(path.join(folder, 'data'), { recursive: true })
    symlinkSync(behind, path.join(folder, 'data', 'linked'))
    await writeFile(path.join(behind, 'k=1', 'x.parquet'), 'rows')
    await writeFile(path.join(aside, 'x.parquet'), 'rows')
    await append(ref, [`${place}/x.parquet`, `file://${folder}/data/linked/k=1/x.parquet`])
    await drop(ref)
    expect(await purged()).toMatchObject({ state: 'succeeded' })
    expect(await readdir(aside)).toEqual([])
    expect(await readdir(behind)).toEqual(['k=1'])
    expect(await readdir(path.join(folder, 'data'))).toEqual(['linked'])
  })

  test('leaves another table’s files though its properties call the folder its own', async () => {
    const theirs = await dataFile(other, 'theirs.parquet')
    const location = (await load(other)).metadata.location
    for (const claimed of [location, `${location}/data`, `${testHome.config.warehouse}/demo`]) {
      const claiming = await made(`claims${(count += 1)}`)
      const claim = { 'write.data.path': claimed }
      expect([400, 409]).toContain((await setProperties(claiming, claim)).status)
      await setPropertiesElsewhere(testHome.services, claiming, claim)
      await append(claiming, [theirs])
      await drop(claiming)
      expect(await purged()).toMatchObject({ state: 'succeeded', outcome: { filesLeft: 1 } })
    }
    expect(await filesIn(await folderOf(other))).toContain('theirs.parquet')
  })

  test('has its files removed where its properties put them', async () => {
    const place = `${testHome.config.warehouse}/bulk-${count}`
    await setProperties(ref, { 'write.data.path': place })
    const file = `${place}/x.parquet`.slice('file://'.length)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, 'rows')
    await append(ref, [`file://${file}`])
    await drop(ref)
    expect(await purged()).toMatchObject({ outcome: { filesLeft: 0 } })
    expect(existsSync(file)).toBe(false)
  })

  test('leaves what a link in its folder leads to', async () => {
    const folder = await folderOf(ref)
    const home = path.join(testHome.config.homeDir, `private-${count}`)
    await mkdir(home)
    await writeFile(path.join(home, 'x.parquet'), 'not of the lake')
    await dataFile(ref, 'own.parquet')
    symlinkSync(home, path.join(folder, 'data', 'linked'))
    await append(ref, [`file://${folder}/data/linked/x.parquet`])
    await drop(ref)
    expect(await purged()).toMatchObject({ state: 'failed', error: { code: 'location-refused' } })
    expect(await filesIn(home)).toEqual(['x.parquet'])
  })
})

describe('To drop a table with its files is refused', () => {
  test.each(['false', 'FALSE'])('when it says that they are shared (gc.enabled=%s)', async (value) => {
    await setProperties(ref, { 'gc.enabled': value })
    expect(await drop(ref)).toMatchObject({ status: 400, body: { error: { message: /GC is disabled/ } } })
    expect(await load(ref)).toBeDefined()
  })

  test.each([
    ['as it is', (location: string) => location],
    ['written otherwise', (location: string) => location.replace('file://', 'file:')],
  ])('when another table has its files in the same folder, %s', async (_how, spelled) => {
    const { metadataLocation } = await load(ref)
    const same = { ...ref, table: `same${count}` }
    const body = { name: same.table, 'metadata-location': spelled(metadataLocation) }
    expect((await engine('POST', 'local/namespaces/demo/register', { body })).status).toBe(409)
    await registerElsewhere(testHome.database, same, spelled(metadataLocation))
    expect(await drop(ref)).toMatchObject({ status: 400, body: { error: { message: /same folder/ } } })
    expect(await filesIn(await folderOf(ref))).not.toEqual([])
  })

  test('when a table came to be in its folder since: the purge then removes nothing', async () => {
    const { metadataLocation } = await load(ref)
    const folder = await folderOf(ref)
    await drop(ref)
    const body = { name: `late${count}`, 'metadata-location': metadataLocation }
    expect((await engine('POST', 'local/namespaces/demo/register', { body })).status).toBe(200)
    expect(await purged()).toMatchObject({ state: 'failed', error: { code: 'invalid-request' } })
    expect(await filesIn(folder)).toHaveLength(1)
  })
})

test('A new table cannot be put into another’s folder, however that is written', async () => {
  const { location } = (await load(other)).metadata
  const spellings = [location, `${location}/`, `${location}/data/deep`, location.replace('file://', 'file:')]
  spellings.push(location.slice('file://'.length), location.replace('/demo/', '//demo//'))
  for (const [index, spelled] of spellings.entries()) {
    const body = { name: `thief${count}_${index}`, location: spelled, schema: { type: 'struct', fields: [] } }
    expect((await engine('POST', 'local/namespaces/demo/tables', { body })).status, spelled).toBe(409)
  }
})

describe('A purge that was cut off', () => {
  test('after any of its removals begins again and leaves nothing', async () => {
    await append(ref, [await dataFile(ref, 'a.parquet'), await dataFile(ref, 'b.parquet')])
    await append(ref, [await dataFile(ref, 'c.parquet')])
    const folder = await folderOf(ref)
    const store = testHome.services.stores.ofCatalog('local')
    const remove = store.remove.bind(store)
    await drop(ref)
    let budget = 0
    const spy = vi.spyOn(store, 'remove').mockImplementation(async (location) => {
      if (!existsSync(location.slice('file://'.length))) return
      if (budget === 0) throw new AppError('file-damaged', 'the disk says no')
      budget -= 1
      await remove(location)
    })
    let tries = 0
    for (let last = await purged(); last.state !== 'succeeded'; tries += 1) {
      expect(tries).toBeLessThan(20)
      budget = 1
      const { kind, title, spec, actor, table } = last
      await queueRun(testHome.database, { kind, title, spec, actor, table })
      last = await purged()
    }
    spy.mockRestore()
    expect(tries).toBeGreaterThan(2)
    expect(existsSync(folder)).toBe(false)
  })

  test('after the metadata file was gone has nothing to do', async () => {
    const { metadataLocation } = await load(ref)
    await drop(ref)
    await testHome.services.stores.ofCatalog('local').remove(metadataLocation)
    expect(await purged()).toMatchObject({ state: 'succeeded', outcome: { filesRemoved: 0, filesLeft: 0 } })
  })

  test('by the one who asked removes nothing more', async () => {
    await append(ref, [await dataFile(ref, 'a.parquet')])
    const folder = await folderOf(ref)
    await drop(ref)
    const [queued] = await listRuns(testHome.database, { kind: PURGE_TABLE, limit: 1 })
    await requestCancel(testHome.database, queued?.id ?? '')
    expect(await purged()).toMatchObject({ state: 'cancelled' })
    expect(await filesIn(folder)).toContain('a.parquet')
  })
})
