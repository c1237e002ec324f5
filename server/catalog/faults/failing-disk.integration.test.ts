import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { AppError } from '@/lib/errors'
import { watchDisk } from '@/testing/faults/watch-disk'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { SILENT_LOG } from '@/testing/silent-log'
import { canMountDisk, mountSmallDisk } from '@/testing/faults/small-disk'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { rawQuery } from '@/testing/databases/test-sql'
import { embeddedCatalog } from '@/server/catalog/embedded/embedded-catalog'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import { openSqlite } from '@/server/db/sqlite/open'
import { localStore } from '@/server/storage/local/local-store'
import { TableLocks } from '../embedded/table-locks'

const home = createTestHome()

const toIdentifier = (table: string) => ({ catalog: 'local', namespace: ['demo'], table })
const filesOf = (table: string) =>
  readdirSync(`${home.config.homeDir}/warehouse/demo/${table}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort()
const rowOf = (table: string) =>
  home.database.read(rawQuery('SELECT * FROM iceberg_tables WHERE table_name = ?', [table]))
/** More disk operations than an append has. */
const MAX_STEPS = 80

let callRest: RestClient
beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'editor')
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})

/** Only the operation with this number fails, with the operating system's error. */
function failAtStep(stopAt: number, code: string): { hasFailed: () => boolean; end: () => void } {
  let steps = 0
  const end = watchDisk({
    before: ({ kind }) => {
      // Removing files needs no space, and is how a failed commit cleans up.
      if (kind === 'remove') return
      steps += 1
      if (steps === stopAt) throw Object.assign(new Error(`${code}: injected by the test`), { code })
    },
  })
  return { hasFailed: () => steps >= stopAt, end }
}

describe('A disk that fails', () => {
  it.each([
    ['ENOSPC', 'storage-full'],
    ['EIO', 'file-damaged'],
  ])(
    'with %s at any step of an append causes a clear error and leaves nothing of it behind (commit-safety 9)',
    async (code, expected) => {
      const table = `append-${code.toLowerCase()}`
      await (await openTestCatalog(home.services)).write({
        kind: 'create-table',
        table: toIdentifier(table),
        schema: ONE_COLUMN_SCHEMA,
      })
      await appendTenRows(home.services, toIdentifier(table))
      const [files, row] = [filesOf(table), await rowOf(table)]
      let failures = 0
      for (let stopAt = 1; stopAt <= MAX_STEPS; stopAt += 1) {
        const fault = failAtStep(stopAt, code)
        const failed: unknown = await appendTenRows(home.services, toIdentifier(table)).then(
          () => null,
          (error: unknown) => error,
        )
        fault.end()
        if (failed === null) break
        failures += 1
        expect(failed).toBeInstanceOf(AppError)
        expect(failed).toMatchObject({ code: expected, facts: { location: expect.stringMatching(/^file:\/\//) } })
        expect(await rowOf(table)).toEqual(row)
        // Data files belong to the caller, so a complete, unreferenced one may stay.
        const leftovers = filesOf(table).filter((name) => !files.includes(name))
        expect(leftovers.filter((name) => !/^\d+\.parquet$/.test(name))).toEqual([])
      }
      expect(failures).toBeGreaterThan(12)
      expect((await verifyTable(home.services, toIdentifier(table))).rows).toBe(20)
    },
  )

  it.each([
    ['ENOSPC', 507],
    ['EIO', 422],
  ])(
    'with %s at any step of a commit over REST is reported, stores no response for the key, and a retry succeeds (commit-safety 9, 26)',
    async (code, status) => {
      const table = `commit-${code.toLowerCase()}`
      await (await openTestCatalog(home.services)).write({
        kind: 'create-table',
        table: toIdentifier(table),
        schema: ONE_COLUMN_SCHEMA,
      })
      const [files, row] = [filesOf(table), await rowOf(table)]
      const send = () =>
        callRest('POST', `local/namespaces/demo/tables/${table}`, {
          body: { requirements: [], updates: [{ action: 'set-properties', updates: { k: 'v' } }] },
          headers: { 'idempotency-key': `01900000-0000-7000-8000-${code.padEnd(12, '0').replace(/\W|[G-Z]/g, '0')}` },
        })
      let replies = 0
      for (let stopAt = 1; stopAt <= MAX_STEPS; stopAt += 1) {
        const fault = failAtStep(stopAt, code)
        const reply = await send()
        fault.end()
        if (!fault.hasFailed()) break
        replies += 1
        expect(reply.status).toBe(status)
        expect(await rowOf(table)).toEqual(row)
        expect(filesOf(table)).toEqual(files)
      }
      expect(replies).toBeGreaterThan(3)
      expect((await verifyTable(home.services, toIdentifier(table))).metadata.properties).toMatchObject({ k: 'v' })
    },
  )

  it('at any step of a transaction over two tables changes neither and leaves no file behind (commit-safety 9, 25)', async () => {
    const tables = ['pair-a', 'pair-b']
    for (const table of tables)
      await (await openTestCatalog(home.services)).write({
        kind: 'create-table',
        table: toIdentifier(table),
        schema: ONE_COLUMN_SCHEMA,
      })
    const found = () => Promise.all(tables.map(async (table) => [filesOf(table), await rowOf(table)]))
    const before = await found()
    const changes = tables.map((name) => ({
      identifier: { namespace: ['demo'], name },
      requirements: [],
      updates: [{ action: 'set-properties', updates: { k: 'v' } }],
    }))
    let failures = 0
    for (let stopAt = 1; stopAt <= MAX_STEPS; stopAt += 1) {
      const fault = failAtStep(stopAt, 'ENOSPC')
      const { status } = await callRest('POST', 'local/transactions/commit', { body: { 'table-changes': changes } })
      fault.end()
      if (!fault.hasFailed()) break
      failures += 1
      expect(status).toBe(507)
      expect(await found()).toEqual(before)
    }
    expect(failures).toBeGreaterThan(6)
    for (const table of tables)
      expect((await verifyTable(home.services, toIdentifier(table))).metadata.properties).toMatchObject({ k: 'v' })
  })
})

describe.skipIf(!canMountDisk())('A full disk (skipped if no file system can be mounted)', () => {
  /** Warehouse and database on one small disk, with a table that has one commit. */
  async function smallLake() {
    const disk = mountSmallDisk(4)
    if (disk === null) throw new Error('it could be mounted a moment ago')
    mkdirSync(`${disk.folder}/warehouse`)
    const database = openSqlite(`${disk.folder}/lake.db`, SILENT_LOG)
    onTestFinished(async () => {
      await database.close()
      disk.remove()
    })
    const warehouse = `file://${disk.folder}/warehouse`
    const catalog = embeddedCatalog({
      name: 'local',
      warehouse,
      database,
      store: localStore([warehouse]),
      locks: new TableLocks(),
      log: SILENT_LOG,
      metadataFiles: new MetadataFiles(),
    })
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: ONE_COLUMN_SCHEMA })
    const commit = (value: string) =>
      catalog.write({
        kind: 'commit-table',
        table: toIdentifier('t'),
        change: {
          requirements: [],
          updates: [{ action: 'set-properties', updates: { k: value } }],
        },
      })
    const files = () => readdirSync(`${disk.folder}/warehouse/demo/t/metadata`).sort()
    return { disk, catalog, commit, files }
  }

  it('refuses a commit and keeps nothing of it; commits work again when there is space (commit-safety 9)', async () => {
    const { disk, catalog, commit, files } = await smallLake()
    const before = await catalog.loadTable(toIdentifier('t'))
    const filesBefore = files()
    disk.fill()
    await expect(commit('x'.repeat(20_000))).rejects.toMatchObject({ code: 'storage-full' })
    expect(files()).toEqual(filesBefore)
    expect(await catalog.loadTable(toIdentifier('t'))).toEqual(before)
    disk.freeSpace()
    await commit('again')
    expect((await catalog.loadTable(toIdentifier('t'))).metadata.properties.k).toBe('again')
  })

  it('with space for the metadata but not for the database keeps nothing either (commit-safety 9)', async () => {
    const { disk, catalog, commit, files } = await smallLake()
    await commit('first')
    // Each commit makes the write-ahead log longer, until the disk is full.
    const errorCodes: string[] = []
    for (let freeKibibytes = 8; freeKibibytes < 60 && !errorCodes.includes('storage-full'); freeKibibytes += 8) {
      disk.freeSpace()
      disk.fill(freeKibibytes * 1024)
      for (let i = 0; i < 20; i += 1) {
        const [before, filesBefore] = [await catalog.loadTable(toIdentifier('t')), files()]
        const failed = await commit(`${freeKibibytes}-${i}`).then(
          () => null,
          (error: unknown) => error,
        )
        if (failed === null) continue
        errorCodes.push(failed instanceof AppError ? failed.code : 'another error')
        expect(await catalog.loadTable(toIdentifier('t'))).toEqual(before)
        expect(files()).toEqual(filesBefore)
        break
      }
    }
    expect(errorCodes.at(-1)).toBe('storage-full')
    disk.freeSpace()
    await commit('last')
    expect((await catalog.loadTable(toIdentifier('t'))).metadata.properties.k).toBe('last')
    expect(statSync(`${disk.folder}/lake.db-wal`).size).toBeGreaterThan(0)
  })
})
