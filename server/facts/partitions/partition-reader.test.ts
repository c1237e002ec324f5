import { beforeAll, expect, it, vi } from 'vitest'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { netOfSums, sumTerms } from '@/lib/facts/term-sums'
import type { Term } from '@/lib/facts/terms'
import { ALL_BUT_TIPS, commitExpiry, previewExpiryOf } from '@/testing/catalogs/expire-table'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { collectFacts } from '@/testing/facts/collect-facts'
import { BY_CITY, BY_DAY, PartitionedTable } from '@/testing/facts/partitioned-table'
import { createTestHome } from '@/testing/homes/test-home'
import { findFactTable } from '@/server/db/facts/fact-tables'
import { readPartitionsBetween } from '@/server/db/facts/partitions/partition-days'
import { DAY_MS, toDay } from '@/server/db/facts/sum-tables'
import { ByteBudget } from '../byte-budget'
import { PartitionReader } from './partition-reader'

const testHome = createTestHome()
const { signal } = new AbortController()
const MEASURES = ['rows', 'files', 'bytes'] as const
const budget = () => new ByteBudget(1024 * 1024 * 1024)
const tableOf = (name: string) => new PartitionedTable(testHome.services, name)
let startMs: number

beforeAll(() => {
  startMs = (toDay(Date.now()) - 20) * DAY_MS
})

/** Without waiting for commits to settle. */
async function readPartitions(reader = new PartitionReader(testHome.services, budget())): Promise<void> {
  await collectFacts(testHome.services)
  await testHome.database.commit([rawChange('UPDATE fact_partitions SET read_at_ms = 0, retry_at_ms = NULL')])
  await reader.run(signal)
}

async function idOf({ identifier }: PartitionedTable): Promise<number> {
  const table = await findFactTable(testHome.database, identifier)
  if (!table) throw new Error('the table has no history')
  return table.id
}

async function readSums(tableId: number) {
  return readPartitionsBetween(testHome.database, { tableIds: [tableId], fromDay: 0, toDay: toDay(Date.now()) + 1 })
}

/** The sums by partition have to be those of the table, on every day and for every term. */
async function expectWhole(tableId: number): Promise<void> {
  const days = await testHome.database.read(
    rawQuery<{ period: number; term: Term; rows: number; files: number; bytes: number }>(
      `SELECT period, term, sum(rows) AS rows, sum(files) AS files, sum(bytes) AS bytes FROM fact_days
      WHERE table_id = ? GROUP BY period, term ORDER BY period, term`,
      [tableId],
    ),
  )
  const sums = await testHome.database.read(
    rawQuery<(typeof days)[number]>(
      `SELECT period, term, sum(rows) AS rows, sum(files) AS files, sum(bytes) AS bytes FROM fact_partition_days
      WHERE table_id = ? GROUP BY period, term ORDER BY period, term`,
      [tableId],
    ),
  )
  const isMoved = ({ rows, files, bytes }: (typeof days)[number]) => rows !== 0 || files !== 0 || bytes !== 0
  expect(sums.filter(isMoved)).toEqual(days.filter(isMoved))
}

/** By partition: the net of a measure over the whole history; those without any are left out. */
async function netsOf(tableId: number, measure: (typeof MEASURES)[number]): Promise<Record<string, number>> {
  const byPartition = Map.groupBy(await readSums(tableId), ({ partition }) => partition)
  return Object.fromEntries(
    [...byPartition]
      .map(([name, sums]): [string, number] => [
        name,
        netOfSums(sumTerms(sums.map((sum) => ({ term: sum.term, amount: sum[measure] })))),
      ])
      .filter(([, net]) => net !== 0)
      .sort(byName),
  ) as Record<string, number>
}

/** The same by the files that the table has. */
async function liveOf(table: PartitionedTable, measure: (typeof MEASURES)[number]): Promise<Record<string, number>> {
  const sums = new Map<string, number>()
  for (const { dataFile, partitionLabel } of await table.files()) {
    const name = partitionLabel === '' ? 'unpartitioned' : partitionLabel
    const isData = dataFile.content === 'data'
    const amounts = {
      rows: isData ? dataFile.recordCount : 0,
      files: isData ? 1 : 0,
      bytes: dataFile.contentSizeBytes ?? dataFile.fileSizeBytes,
    }
    sums.set(name, (sums.get(name) ?? 0) + amounts[measure])
  }
  return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0).sort(byName))
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1)

async function expectLive(table: PartitionedTable): Promise<number> {
  const id = await idOf(table)
  await expectWhole(id)
  for (const measure of MEASURES) expect(await netsOf(id, measure)).toEqual(await liveOf(table, measure))
  return id
}

/** The terms of partitions on a day after the start, in rows. */
async function rowsOf(tableId: number, day: number): Promise<Record<string, Record<string, number>>> {
  const sums = (await readSums(tableId)).filter(({ period, rows }) => period === toDay(startMs) + day && rows !== 0)
  return Object.fromEntries(
    [...Map.groupBy(sums, ({ partition }) => partition)].map(([name, ofPartition]) => [
      name,
      Object.fromEntries(ofPartition.map(({ term, rows }) => [term, rows])),
    ]),
  )
}

it('Each commit is in the sums of its partitions, with the terms that it has in those of its table', async () => {
  const table = tableOf('terms')
  await table.create([BY_DAY])
  const at = (day: number) => startMs + day * DAY_MS + 1000
  const [a, b] = [await table.file(100, [1]), await table.file(50, [2])]
  await table.commit('append', { added: [a, b], atMs: at(0) })
  // Rows of the first partition are replaced by fewer, those of the second by more.
  const [c, d] = [await table.file(90, [1]), await table.file(80, [2])]
  const overwrite = await table.commit('overwrite', { removed: [a, b], added: [c, d], atMs: at(1) })
  await table.commit('delete', { removed: [c], atMs: at(2) })
  const [e, f] = [await table.file(40, [2]), await table.file(40, [2])]
  const rewrite = await table.commit('replace', { removed: [d], added: [e, f], atMs: at(3) })
  await readPartitions()
  const id = await expectLive(table)
  expect(await rowsOf(id, 0)).toEqual({ 'day=1': { 'came-in': 100 }, 'day=2': { 'came-in': 50 } })
  expect(await rowsOf(id, 1)).toEqual({
    'day=1': { 'came-in': -10, replaced: 100 },
    'day=2': { 'came-in': 30, replaced: 50 },
  })
  expect(await rowsOf(id, 2)).toEqual({ 'day=1': { removed: 90 } })
  expect(await rowsOf(id, 3)).toEqual({ 'day=2': { moved: 80 } })
  expect((await readSums(id)).some(({ unread }) => unread > 0)).toBe(false)

  // Back before the delete and the rewrite, forward again, and a commit after that.
  await table.moveMain(overwrite)
  await readPartitions()
  await expectLive(table)
  await table.moveMain(rewrite)
  await table.commit('append', { added: [await table.file(7, [3])] })
  await readPartitions()
  await expectLive(table)
  const today = await rowsOf(id, 20)
  expect(today).toEqual({
    'day=1': { 'taken-back': -90, 'put-back': -90 },
    'day=3': { 'came-in': 7 },
  })
})

it('Files of deletes count with their bytes, also a deletion vector', async () => {
  const table = tableOf('deletes')
  await table.create([BY_DAY], 3)
  const file = await table.file(100, [1])
  await table.commit('append', { added: [file, await table.file(10, [2])] })
  const vector: DataFile = {
    ...(await table.file(3, [1])),
    content: 'position-deletes',
    fileFormat: 'puffin',
    referencedDataFile: file.filePath,
    contentOffset: 4,
    contentSizeBytes: 44,
    sortOrderId: null,
  }
  await table.commit('delete', { added: [vector] })
  await readPartitions()
  const id = await expectLive(table)
  expect(await netsOf(id, 'bytes')).toEqual({ 'day=1': 1044, 'day=2': 100 })
})

it('What cannot be read is in the sum of the others, and says so', async () => {
  const table = tableOf('unread')
  await table.create([BY_DAY])
  const old = await table.file(100, [1])
  await table.commit('append', { added: [old], atMs: startMs })
  await table.commit('append', { added: [await table.file(5, [2])], atMs: startMs + DAY_MS })
  const lost = await table.commit('append', { added: [await table.file(9, [3])], atMs: startMs + 2 * DAY_MS })
  await collectFacts(testHome.services)
  await commitExpiry(
    testHome.services,
    table.identifier,
    TEST_ACTOR,
    await previewExpiryOf(testHome.services, table.identifier, TEST_ACTOR, { ...ALL_BUT_TIPS, retainLast: 2 }),
  )
  const { metadata, store } = await table.load()
  const location = metadata.snapshots.find(({ snapshotId }) => snapshotId === lost)?.manifestList ?? ''
  const bytes = await store.read(location, { signal })
  await store.remove(location)
  await readPartitions()
  const id = await idOf(table)
  await expectWhole(id)
  expect(await rowsOf(id, 0)).toEqual({ '': { 'came-in': 100 } })
  expect(await rowsOf(id, 1)).toEqual({ 'day=2': { 'came-in': 5 } })
  expect(await rowsOf(id, 2)).toEqual({ '': { 'came-in': 9 } })
  expect((await readSums(id)).map(({ unread }) => unread)).toEqual([1, 0, 1])

  // All that was read stays as it is, and the drop of the table has no partitions.
  await store.writeNew(location, bytes)
  await table.drop()
  await readPartitions()
  await expectWhole(id)
  expect(await rowsOf(id, 20)).toEqual({ '': { removed: 114 } })
})

it('Storage that does not answer is not taken for files that are missing', async () => {
  const table = tableOf('outage')
  await table.create([BY_DAY])
  await table.commit('append', { added: [await table.file(5, [2])] })
  const { store } = await table.load()
  const location = (await table.load()).metadata.snapshots[0]?.manifestList ?? ''
  const bytes = await store.read(location, { signal })
  await store.remove(location)
  const catalogStore = testHome.services.stores.catalogStore('local')
  const { AppError } = await import('@/lib/errors')
  const read = vi.spyOn(catalogStore, 'read').mockRejectedValue(new AppError('storage-unavailable', 'It is away.'))
  await readPartitions()
  read.mockRestore()
  const id = await idOf(table)
  expect(await readSums(id)).toEqual([])
  await store.writeNew(location, bytes)
  await readPartitions()
  await expectLive(table)
})

it('The twenty partitions of a day that moved most have names, also when a larger one comes later', async () => {
  const table = tableOf('many')
  await table.create([BY_DAY])
  const files = await Promise.all(Array.from({ length: 25 }, (_, index) => table.file(10 + index, [index])))
  await table.commit('append', { added: files, atMs: startMs })
  await readPartitions()
  const id = await idOf(table)
  await expectWhole(id)
  const first = await rowsOf(id, 0)
  expect(Object.keys(first)).toHaveLength(21)
  expect(first['']).toEqual({ 'came-in': 10 + 11 + 12 + 13 + 14 })
  await table.commit('append', { added: [await table.file(500, [99])], atMs: startMs + 2000 })
  await readPartitions()
  await expectWhole(id)
  const second = await rowsOf(id, 0)
  expect(Object.keys(second)).toHaveLength(21)
  expect([second['day=99'], second['day=5']]).toEqual([{ 'came-in': 500 }, undefined])
  // They are known, and only too many.
  expect((await readSums(id)).every(({ unread }) => unread === 0)).toBe(true)
})

it('A table with two specs has the partitions of each, and one that gets its first spec later is read from its beginning', async () => {
  const table = tableOf('evolved')
  await table.create([])
  const first = await table.file(11, [])
  await table.commit('append', { added: [first], atMs: startMs })
  await readPartitions()
  const id = await idOf(table)
  expect(await readSums(id)).toEqual([])

  await table.update(
    { action: 'add-spec', spec: { specId: 1, fields: [BY_DAY] } },
    { action: 'set-default-spec', specId: -1 },
  )
  await table.commit('append', { added: [await table.file(22, [7], 1)], atMs: startMs + DAY_MS })
  await readPartitions()
  await expectLive(table)
  await table.update(
    { action: 'add-spec', spec: { specId: 2, fields: [{ ...BY_DAY, fieldId: 1002, transform: 'void' }, BY_CITY] } },
    { action: 'set-default-spec', specId: -1 },
  )
  const city = await table.file(33, [null, 'x=1, y'], 2)
  await table.commit('append', { added: [city], atMs: startMs + 2 * DAY_MS })
  await table.commit('delete', { removed: [first], atMs: startMs + 3 * DAY_MS })
  await readPartitions()
  await expectLive(table)
  expect(await netsOf(id, 'rows')).toEqual({ 'day=7': 22, 'day=null, city=x=1, y': 33 })
})

it('Facts that are no longer listed are in the sum of the others, on the days before and on that of the oldest', async () => {
  const table = tableOf('aged')
  await table.create([BY_DAY])
  for (const [index, ms] of [0, 1000, DAY_MS, DAY_MS + 1000, DAY_MS + 2000].entries())
    await table.commit('append', { added: [await table.file(10 ** index, [index])], atMs: startMs + ms })
  await collectFacts(testHome.services)
  const id = await idOf(table)
  await testHome.database.commit([
    rawChange('DELETE FROM fact_commits WHERE table_id = ? AND at_ms <= ?', [id, startMs + DAY_MS]),
  ])
  await readPartitions()
  await expectWhole(id)
  expect(await rowsOf(id, 0)).toEqual({ '': { 'came-in': 11 } })
  expect(await rowsOf(id, 1)).toEqual({
    '': { 'came-in': 100 },
    'day=3': { 'came-in': 1000 },
    'day=4': { 'came-in': 10_000 },
  })
  // All that came since ends before it is read.
  await table.commit('append', { added: [await table.file(3, [9])], atMs: startMs + 5 * DAY_MS })
  await collectFacts(testHome.services)
  await testHome.database.commit([rawChange('DELETE FROM fact_commits WHERE table_id = ?', [id])])
  await readPartitions()
  await expectWhole(id)
  expect(await rowsOf(id, 5)).toEqual({ '': { 'came-in': 3 } })
})

it('Two processes that read a table at once count nothing twice', async () => {
  const table = tableOf('twice')
  await table.create([BY_DAY])
  for (let day = 0; day < 5; day += 1)
    await table.commit('append', { added: [await table.file(10, [day])], atMs: startMs + day * DAY_MS })
  await collectFacts(testHome.services)
  const readers = [1, 2, 3].map(() => new PartitionReader(testHome.services, budget()))
  await Promise.all(readers.map((reader) => reader.run(signal)))
  await readPartitions()
  const id = await expectLive(table)
  expect(await netsOf(id, 'files')).toEqual({ 'day=0': 1, 'day=1': 1, 'day=2': 1, 'day=3': 1, 'day=4': 1 })
})

it('Beyond the budget of bytes, commits are left for the next time', async () => {
  const table = tableOf('late')
  await table.create([BY_DAY])
  for (let day = 0; day < 5; day += 1)
    await table.commit('append', { added: [await table.file(10, [day])], atMs: startMs + day * DAY_MS })
  await readPartitions(new PartitionReader(testHome.services, new ByteBudget(1)))
  const id = await idOf(table)
  expect(Object.keys(await netsOf(id, 'rows'))).toEqual(['day=0'])
  await readPartitions()
  await expectLive(table)
})
