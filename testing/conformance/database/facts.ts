import { describe, expect, it } from 'vitest'
import { UNKNOWN, ZERO } from '@/lib/facts/amounts'
import { EMPTY_HISTORY } from '@/lib/facts/fold-version'
import { addCommitTime, NO_RHYTHM, usualIntervalMs } from '@/lib/facts/rhythm'
import { readFactEvents } from '@/server/db/facts/fact-events'
import { addedFactChanges } from '@/server/db/facts/fact-rows'
import type { WrittenFact } from '@/server/db/facts/fact-writers'
import { type FactSumQuery, readFactSums } from '@/server/db/facts/fact-sums'
import { readFactTables } from '@/server/db/facts/fact-tables'
import { readFactWriters } from '@/server/db/facts/fact-writers'
import { newHistoryChange, readHistories } from '@/server/db/facts/histories'
import { takeLease } from '@/server/db/facts/leases'
import { type MovedTablesQuery, readMovedTables } from '@/server/db/facts/sums/moved-tables'
import { factRhythms } from '@/server/db/facts/migration'
import { removeOldFacts } from '@/server/db/facts/old-facts'
import { partitionProgressChange, readDuePartitions } from '@/server/db/facts/partitions/due-partitions'
import { findOnlyTable } from '@/server/db/facts/partitions/only-table'
import { hasPartitions, partitionDayChanges, readPartitionsBetween } from '@/server/db/facts/partitions/partition-days'
import { readUnlistedFacts } from '@/server/db/facts/partitions/unlisted-facts'
import { rawChange } from '@/testing/databases/test-sql'
import { readColumnDays, readLargestColumns } from '@/server/db/facts/storage/read-columns'
import { readPartDays, readParts, readTableParts } from '@/server/db/facts/storage/read-parts'
import { writeStorageRows } from '@/testing/facts/storage-rows'
import { countRows, type OpenDatabase, setUpDatabase } from './testbed'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const SPARK = { engine: 'spark 4.1', library: null, username: null, client: null }

let lastSeq = 0
function commit(atMs: number, rows: number, fact: Partial<WrittenFact> = {}): WrittenFact {
  lastSeq += 1
  return {
    seq: lastSeq,
    kind: 'commit',
    atMs,
    statedAtMs: null,
    snapshotId: '9007199254740993',
    enteredAtMs: null,
    operation: 'append',
    writer: null,
    branch: null,
    reason: null,
    detail: null,
    added: { ...ZERO, rows, files: 1, bytes: rows * 10 },
    removed: ZERO,
    committedBy: null,
    ...fact,
  }
}

export function describeFacts(open: OpenDatabase): void {
  describe('the history of facts', () => {
    const database = setUpDatabase(open)
    const add = (
      id: number,
      rows: WrittenFact[],
      events: Parameters<typeof addedFactChanges>[1]['events'] = [],
      catalog = 'lake',
    ) => database().commit(addedFactChanges({ id, catalog }, { rows, events }))
    const sum = async (request: Partial<FactSumQuery>) =>
      (
        await readFactSums(database(), {
          of: { catalogs: ['lake'] },
          fromMs: 0,
          toMs: null,
          by: [],
          grain: 'day',
          ...request,
        })
      ).map(({ term, rows, commits, ...keys }) =>
        [...Object.values(keys).slice(0, 2), keys.operation, term, rows, commits].filter((key) => key !== null),
      )

    const addTable = (id: number, namespace: string[], catalog = 'lake') =>
      database().commit([
        newHistoryChange({
          id,
          table: { catalog, namespace, table: `t${id}` },
          tableUuid: String(id),
          metadataLocation: null,
          version: { properties: {} } as never,
          state: EMPTY_HISTORY,
          droppedAtMs: null,
        }),
      ])

    it('sums facts by hour and day, and reads the hours at the ends of a range', async () => {
      const day = 20_000 * DAY_MS
      await add(1, [
        commit(day - 1, 1),
        commit(day, 10),
        commit(day + HOUR_MS, 100),
        commit(day + HOUR_MS + 1, 1_000, { added: { ...ZERO, rows: 1_000 }, removed: { ...ZERO, rows: 400 } }),
      ])
      await add(1, [commit(day + DAY_MS + 2 * HOUR_MS, 10_000, { operation: 'overwrite' })])
      await add(2, [commit(day, 7)])
      await addTable(1, ['sums'])
      await addTable(2, ['sums'])

      expect(await sum({ of: { tableIds: [1] }, by: ['period'] })).toEqual([
        [day - DAY_MS, 'came-in', 1, 1],
        [day, 'came-in', 10 + 100 + 600, 3],
        [day, 'replaced', 400, 0],
        [day + DAY_MS, 'came-in', 10_000, 1],
      ])
      const inside = { of: { tableIds: [1] }, fromMs: day + HOUR_MS, toMs: day + DAY_MS + 2 * HOUR_MS }
      expect(await sum(inside)).toEqual([
        ['came-in', 700, 2],
        ['replaced', 400, 0],
      ])
      expect(await sum({ ...inside, grain: 'hour', by: ['period'] })).toEqual([
        [day + HOUR_MS, 'came-in', 700, 2],
        [day + HOUR_MS, 'replaced', 400, 0],
      ])
      expect(await sum({ fromMs: day, toMs: day + HOUR_MS, by: ['table', 'operation'] })).toEqual([
        [1, 'append', 'came-in', 10, 1],
        [2, 'append', 'came-in', 7, 1],
      ])
      expect(await sum({ fromMs: day - HOUR_MS, toMs: day + DAY_MS, of: { catalogs: ['lake'] } })).toEqual([
        ['came-in', 718, 5],
        ['replaced', 400, 0],
      ])
      expect(await sum({ fromMs: day + DAY_MS, by: ['table'], of: { catalogs: ['lake'] } })).toEqual([
        [1, 'came-in', 10_000, 1],
      ])
      expect(await sum({ of: { catalogs: ['other'] }, by: ['table'] })).toEqual([])
      expect(await sum({ of: { catalogs: [] } })).toEqual([])
      expect(await sum({ fromMs: day, toMs: day })).toEqual([])
      await expect(sum({ fromMs: day + 1 })).rejects.toThrow(RangeError)
    })

    it('sums by steps of a time zone, of which two have an hour more or less', async () => {
      const table = { of: { tableIds: [7] }, by: ['period'] as const }
      await addTable(7, ['steps'])
      const first = 22_000 * DAY_MS - 5 * HOUR_MS
      await add(
        7,
        Array.from({ length: 80 }, (_, index) => commit(first + index * 3 * HOUR_MS, 1 + index)),
      )
      const startsMs = [0, 24, 48, 73, 97, 120, 144].map((hours) => first + hours * HOUR_MS)
      const rowsOf = (startMs: number, endMs: number) =>
        Array.from({ length: 80 }, (_, index) => index)
          .filter((index) => first + index * 3 * HOUR_MS >= startMs && first + index * 3 * HOUR_MS < endMs)
          .reduce((rows, index) => rows + 1 + index, 0)
      const bySteps = await sum({ ...table, fromMs: first, grain: 'hour', startsMs })
      expect(bySteps.map(([startMs, , rows]) => [startMs, rows])).toEqual(
        startsMs.map((startMs, index) => [startMs, rowsOf(startMs, startsMs[index + 1] ?? Number.POSITIVE_INFINITY)]),
      )
      const weeksMs = [22_000 * DAY_MS, 22_007 * DAY_MS]
      const byWeeks = await sum({ ...table, fromMs: 22_000 * DAY_MS, startsMs: weeksMs })
      expect(byWeeks.map(([startMs, , rows]) => [startMs, rows])).toEqual([
        [weeksMs[0], rowsOf(22_000 * DAY_MS, 22_007 * DAY_MS)],
        [weeksMs[1], rowsOf(22_007 * DAY_MS, Number.POSITIVE_INFINITY)],
      ])
    })

    it('chooses the tables that moved most, with the sums of each', async () => {
      const day = 23_000 * DAY_MS
      for (const id of [81, 82, 83, 84]) await addTable(id, ['moved'], 'moving')
      const range = { fromMs: day - 40 * DAY_MS, toMs: day + DAY_MS }
      const removed = { added: ZERO, removed: { ...ZERO, rows: 500 }, operation: 'delete' }
      await add(81, [commit(day, 10), commit(day + HOUR_MS, 0, removed)], [], 'moving')
      const commits = [commit(day - 35 * DAY_MS, 300), commit(day + 2 * DAY_MS, 9_999), commit(day, 100)]
      await add(82, commits, [], 'moving')
      await add(83, [commit(day - 41 * DAY_MS, 5_000)], [], 'moving')
      const read = (of: FactSumQuery['of'], charts: MovedTablesQuery['charts'], toMs: number | null = range.toMs) =>
        readMovedTables(database(), {
          of,
          fromMs: range.fromMs,
          toMs,
          measure: 'rows',
          charts,
          limits: { moved: 2, charted: 5 },
        })

      const all = await read({ catalogs: ['moving'] }, 'came-in')
      expect(all).toMatchObject({ tableCount: 4, chartedCount: 2 })
      expect(all.moved).toMatchObject([
        { id: 81, terms: { 'came-in': 10, removed: 500, moved: 0 } },
        { id: 82, terms: { 'came-in': 400, removed: 0 } },
      ])
      expect(all.charted.map(({ id, charted }) => [id, charted])).toEqual([
        [82, 400],
        [81, 10],
      ])
      expect(await read({ tableIds: [81, 82, 83, 84] }, 'came-in')).toEqual(all)
      expect((await read({ tableIds: [82] }, 'came-in', null)).moved).toMatchObject([{ terms: { 'came-in': 10_399 } }])
      const byCommits = await read({ catalogs: ['moving'] }, { commitsOf: ['came-in', 'removed'] })
      expect(byCommits.charted.map(({ id, charted }) => [id, charted])).toEqual([
        [81, 2],
        [82, 2],
      ])
      expect(await read({ catalogs: [] }, 'came-in')).toEqual({
        moved: [],
        charted: [],
        tableCount: 0,
        chartedCount: 0,
      })
    })

    it('sums a writer without its applications, of which each run may have another one', async () => {
      const day = 21_000 * DAY_MS
      await add(3, [
        commit(day, 1, { committedBy: { ...SPARK, application: 'app-1' } }),
        commit(day, 2, { committedBy: { ...SPARK, application: 'app-2' } }),
      ])
      const sums = await readFactSums(database(), {
        of: { tableIds: [3] },
        fromMs: day,
        toMs: null,
        by: ['writer'],
        grain: 'day',
      })
      expect(sums).toMatchObject([{ rows: 3 }])
      const id = sums[0]?.writerId ?? 0
      expect(await readFactWriters(database(), [id])).toEqual(new Map([[id, { ...SPARK, application: null }]]))
    })

    it('removes single facts and sums by hour that are old, and never sums by day', async () => {
      const nowMs = database().nowMs()
      await addTable(4, ['old'])
      const deletes = { added: { ...UNKNOWN, rows: 1, positionDeletes: 5 } }
      const old = nowMs - 100 * DAY_MS
      const recent = nowMs - 80 * DAY_MS
      await add(
        4,
        [commit(nowMs - 800 * DAY_MS, 1, deletes), commit(old, 2, deletes), commit(recent, 4, deletes)],
        [nowMs - 800 * DAY_MS, old].map((atMs) => ({ atMs, kind: 'dropped' })),
      )
      const deleteRows = await countRows(database(), 'fact_deletes')
      const { signal } = new AbortController()
      const removed = await removeOldFacts(database(), { commitDays: 90, hourDays: 730 }, { signal })
      expect(removed).toBeGreaterThanOrEqual(2)
      expect(await countRows(database(), 'fact_deletes')).toBe(deleteRows - 2)
      expect(await sum({ of: { tableIds: [4] }, fromMs: 0 })).toEqual([['came-in', 3, 3]])
      expect(
        (await sum({ of: { tableIds: [4] }, grain: 'hour', by: ['period'] })).map(([periodMs]) => periodMs),
      ).toEqual([old, recent].map((atMs) => atMs - (atMs % HOUR_MS)))
      const range = { of: { tableIds: [4] }, fromMs: 0, toMs: nowMs, limit: 10 }
      expect(await readFactEvents(database(), range)).toEqual([{ tableId: 4, event: { atMs: old, kind: 'dropped' } }])
      expect(await removeOldFacts(database(), { commitDays: 90, hourDays: 730 }, { signal })).toBe(0)
    })

    it('computes the rhythm of histories that were begun without it', async () => {
      // Loads of several commits, and more of them than count.
      const times = Array.from({ length: 100 }, (_, index) => 30 * DAY_MS + index * index * 40_000)
      const rhythm = times.reduce(addCommitTime, NO_RHYTHM)
      await addTable(200, [], 'rhythms')
      await addTable(201, [], 'rhythms')
      await add(200, [...times.map((atMs) => commit(atMs, 1)), commit(40 * DAY_MS, 1, { kind: 'off-main' })])
      await database().commit(
        factRhythms('BIGINT', 'TEXT')
          .slice(-1)
          .map((update) => rawChange(update)),
      )
      const tables = await readFactTables(database(), { catalog: 'rhythms' })
      const interval = usualIntervalMs(rhythm)
      expect(interval).toBeGreaterThan(0)
      expect(
        tables.map(({ lastCommitMs, usualIntervalMs: usualMs, isDemo }) => [lastCommitMs, usualMs, isDemo]),
      ).toEqual([
        [rhythm.lastCommitMs, interval, false],
        [null, null, false],
      ])
      const [continued] = await readHistories(database(), [200])
      expect(continued?.state.rhythm).toEqual(rhythm)
    })

    it('lists the tables of a namespace and of those below it', async () => {
      const namespaces = [['a'], ['a', 'b'], ['a!'], ['ab']]
      for (const [index, namespace] of namespaces.entries()) await addTable(100 + index, namespace, 'listed')
      const tables = await readFactTables(database(), { catalog: 'listed', namespace: ['a'] })
      expect(tables.map(({ table }) => table.namespace)).toEqual([['a'], ['a', 'b']])
      expect(await readFactTables(database(), { catalog: 'listed' })).toHaveLength(4)
      expect(await readFactTables(database(), { catalog: 'other' })).toEqual([])
    })

    it('sums the bytes of tables by part, and their columns by day', async () => {
      const table = { catalog: 'storage', namespace: ['shop'], table: 'orders' }
      const parts = {
        'codec:zstd': { now: [900, 1_800, 4_500], days: { 20_000: [400, 800, 2_000] } },
        footers: { now: [60], days: { 20_001: [20] } },
        history: { now: [7] },
      }
      const columns = { id: { now: [600, 1_200, 3_000], days: { 20_000: [100, 100, 1_000] } }, note: { now: [300] } }
      await writeStorageRows(database(), { id: 71, table, totalBytes: 960, storage: {}, parts, columns })
      await writeStorageRows(database(), {
        id: 72,
        table: { ...table, table: 'other' },
        totalBytes: 5,
        storage: {},
        parts: { unread: { now: [5] } },
        columns: { id: { now: [5], days: { 20_000: [5] } } },
      })
      for (const of of [{ tableIds: [71, 72] }, { catalogs: ['storage'] }]) {
        expect((await readParts(database(), of)).map(({ part, bytes }) => [part, bytes.stored])).toEqual([
          ['codec:zstd', 900],
          ['footers', 60],
          ['history', 7],
          ['unread', 5],
        ])
        expect(
          (await readPartDays(database(), { of, fromDay: 20_000 })).map(({ day, part, bytes }) => [
            day,
            part,
            bytes.plain,
          ]),
        ).toEqual([
          [20_000, 'codec:zstd', 2_000],
          [20_001, 'footers', 0],
        ])
        expect(await readTableParts(database(), of)).toEqual([
          {
            tableId: 71,
            live: { pages: { stored: 900, encoded: 1_800, plain: 4_500 }, footers: 60, unread: 0, deletes: 0 },
          },
          { tableId: 72, live: { pages: { stored: 0, encoded: 0, plain: 0 }, footers: 0, unread: 5, deletes: 0 } },
        ])
        expect(await readLargestColumns(database(), { of, limit: 2 })).toMatchObject([{ name: 'id' }, { name: 'note' }])
      }
      const days = await readColumnDays(database(), { columns: [{ tableId: 71, fieldId: 1 }], fromDay: 19_000 })
      expect(days).toEqual([
        { tableId: 71, fieldId: 1, day: 20_000, bytes: { stored: 100, encoded: 100, plain: 1_000 } },
      ])
    })

    it('finds histories with facts that were not read by partition, and those that are no longer listed', async () => {
      await addTable(91, ['partitioned'], 'partitions')
      const day = 20_100
      await database().commit(
        addedFactChanges({ id: 91, catalog: 'partitions' }, { rows: [commit(day * DAY_MS, 7)], events: [] }),
      )
      await database().commit([rawChange('UPDATE fact_tables SET seq = 9 WHERE id = 91')])
      const due = async () =>
        (
          await readDuePartitions(database(), { readBeforeMs: database().nowMs() + 1, except: ['lake'], limit: 500 })
        ).find(({ id }) => id === 91)
      expect(await due()).toMatchObject({ seq: 9, known: null })
      const sum = { period: day, partition: 'day=1', term: 'came-in', rows: 4, files: 1, bytes: 40, unread: 0 } as const
      await database().commit([
        partitionProgressChange(91, null, { seq: 0, specId: 0, isPartitioned: true }),
        ...partitionDayChanges(91, [day], [sum]),
      ])
      expect(await readPartitionsBetween(database(), { tableIds: [91], fromDay: day, toDay: day + 1 })).toEqual([sum])
      expect(await hasPartitions(database(), [91])).toBe(true)
      expect(await due()).toMatchObject({ known: { revision: 1, seq: 0, isPartitioned: true } })
      await database().commit([rawChange('DELETE FROM fact_commits WHERE table_id = 91')])
      expect(await readUnlistedFacts(database(), 91, 0)).toEqual([
        { period: day, partition: '', term: 'came-in', rows: 3, files: 0, bytes: 30, unread: 1 },
      ])
      expect(await findOnlyTable(database(), { catalogs: ['partitions'] })).toMatchObject({ ids: [91] })
    })

    it('gives a lease to one process at a time', async () => {
      const lease = (owner: string, leaseMs = 60_000) => takeLease(database(), 'work', { owner, leaseMs })
      expect(await lease('a')).toBe(true)
      expect(await lease('b')).toBe(false)
      expect(await lease('a', 0)).toBe(true)
      expect(await lease('b')).toBe(true)
    })
  })
}
