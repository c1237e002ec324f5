import 'server-only'
import type { Compression } from '@/lib/contract/dashboards'
import { CODEC_PROPERTY } from '@/lib/iceberg/properties/compression'
import type { Database } from '@/server/db/database'
import { readFactEvents } from '@/server/db/facts/fact-events'
import { readFactSums } from '@/server/db/facts/fact-sums'
import { readFactWriters } from '@/server/db/facts/fact-writers'
import { type HistoryCommit, readCommitsOf } from '@/server/db/facts/history-commits'
import { readMixedTables } from '@/server/db/facts/storage/mixed-codecs'
import type { TableStorage } from '@/server/db/facts/storage/read-storage'
import { DAY_MS, toDay } from '@/server/db/facts/sum-tables'
import type { CountedTables } from '../counted-tables'
import { toWriterLabel } from '../writer-label'
import type { DaySpan } from './day-levels'
import { readNewCodecs } from './new-codecs'

type SizeChange = Compression['changes'][number]

const MAX_LISTED = 20
/** The rewrites of so many tables are read one by one. */
const MAX_REWRITTEN_TABLES = 50
const MAX_COMMITS = 5_000
const MAX_MIXED_TABLES = 50
/** The parts of so many tables are read by day. */
const MAX_TABLES_BY_DAY = 200
const MAX_EVENTS = 1_000
const REWRITE = 'replace'

/**
 * Changes of sizes without new data: codecs that were set or that writers began to use, and files that were rewritten,
 * by table and day. Oldest first; of many, those that changed most.
 */
export async function readSizeChanges(
  database: Database,
  { tables, of }: Pick<CountedTables, 'tables' | 'of'>,
  span: DaySpan,
  measured: ReadonlyMap<number, TableStorage>,
): Promise<Pick<Compression, 'changes' | 'changeCount'>> {
  const range = { fromMs: span.fromDay * DAY_MS, toMs: span.endDay * DAY_MS }
  const names = new Map(tables.map(({ id, table }) => [id, table]))
  const [sets, rewrites] = await Promise.all([readCodecsSet(database, of, range), readRewrites(database, of, range)])
  const mixed = await readMixedTables(database, { of, limit: MAX_MIXED_TABLES })
  // Those whose files were all rewritten since have one codec again.
  const changed = new Set([...mixed, ...[...sets, ...rewrites].map(({ tableId }) => tableId)])
  const newCodecs = await readNewCodecs(database, [...changed].slice(0, MAX_TABLES_BY_DAY), span)
  const writers = await readFactWriters(database, [...new Set(rewrites.map(({ writerId }) => writerId ?? 0))])
  const newestSet = new Map(sets.map((one) => [one.tableId, one]).reverse() as [number, (typeof sets)[number]][])
  const changes: SizeChange[] = [
    ...sets.flatMap((one): SizeChange[] => {
      const table = names.get(one.tableId)
      if (table === undefined) return []
      // Events say that the codec changed. What it is now, the newest of them has set.
      const codec = newestSet.get(one.tableId) === one ? (measured.get(one.tableId)?.codec ?? null) : null
      return [{ ...NO_REWRITE, kind: 'codec', atMs: one.atMs, table, codec }]
    }),
    ...newCodecs.flatMap(({ tableId, day, codec, storedBytes }): SizeChange[] => {
      const table = names.get(tableId)
      const bytes = { bytesBefore: null, bytesAfter: storedBytes }
      // The rewrite says it.
      const isRewritten = rewrites.some((one) => one.tableId === tableId && toDay(one.atMs) === day)
      return table === undefined || isRewritten
        ? []
        : [{ ...NO_REWRITE, kind: 'written', atMs: day * DAY_MS, table, codec, ...bytes }]
    }),
    ...rewrites.flatMap((one): SizeChange[] => {
      const table = names.get(one.tableId)
      if (table === undefined) return []
      const { tableId: _id, writerId, ...amounts } = one
      return [{ kind: 'rewrite', table, codec: null, writer: toWriterLabel(writers.get(writerId ?? 0)), ...amounts }]
    }),
  ]
  return {
    changeCount: changes.length,
    changes: changes
      .toSorted((a, b) => effectOf(b) - effectOf(a))
      .slice(0, MAX_LISTED)
      .toSorted((a, b) => a.atMs - b.atMs),
  }
}

const NO_REWRITE = { writer: null, commits: 0, bytesBefore: null, bytesAfter: null }

/** Codecs that were set come first: they are few, and explain what follows. */
function effectOf({ kind, bytesBefore, bytesAfter }: SizeChange): number {
  return kind === 'codec' ? Number.MAX_SAFE_INTEGER : Math.abs((bytesAfter ?? 0) - (bytesBefore ?? 0))
}

type Range = { fromMs: number; toMs: number }

/** Newest first. */
async function readCodecsSet(
  database: Database,
  of: CountedTables['of'],
  range: Range,
): Promise<{ tableId: number; atMs: number }[]> {
  const events = await readFactEvents(database, { of, ...range, kind: 'properties', limit: MAX_EVENTS })
  return events.flatMap(({ tableId, event }) =>
    event.kind === 'properties' && event.names.some((name) => name.startsWith(CODEC_PROPERTY))
      ? [{ tableId, atMs: event.atMs }]
      : [],
  )
}

type Rewrite = Pick<HistoryCommit, 'tableId' | 'writerId' | 'atMs'> & {
  commits: number
  bytesBefore: number | null
  bytesAfter: number | null
}

/** The rewrites of the tables that were rewritten most, added up for each table, writer and day. */
async function readRewrites(database: Database, of: CountedTables['of'], range: Range): Promise<Rewrite[]> {
  const only = { term: 'rewritten', operation: REWRITE } as const
  const rewritten = await readFactSums(database, { of, ...range, only, by: ['table'], grain: 'day' })
  const tableIds = rewritten
    .toSorted((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes))
    .flatMap(({ tableId }) => tableId ?? [])
    .slice(0, MAX_REWRITTEN_TABLES)
  if (tableIds.length === 0) return []
  const commits = await readCommitsOf(database, { operation: REWRITE, tableIds, ...range, limit: MAX_COMMITS })
  const byDay = Map.groupBy(commits, ({ tableId, writerId, atMs }) => `${tableId} ${writerId} ${toDay(atMs)}`)
  return [...byDay.values()].flatMap((ofDay) => {
    const [last] = ofDay
    if (last === undefined) return []
    const { tableId, writerId, atMs } = last
    return [
      {
        tableId,
        writerId,
        atMs,
        commits: ofDay.length,
        bytesBefore: sumKnown(ofDay.map(({ removed }) => removed.bytes)),
        bytesAfter: sumKnown(ofDay.map(({ added }) => added.bytes)),
      },
    ]
  })
}

function sumKnown(amounts: readonly (number | null)[]): number | null {
  return amounts.reduce<number | null>((total, one) => (total === null || one === null ? null : total + one), 0)
}
