import 'server-only'
import type { GrowthEvent, TableGrowth } from '@/lib/contract/facts/growth'
import type { GROWTH_RANGES } from '@/lib/contract/shapes/plain-values'
import { type Amounts, addAmounts, negate, ZERO } from '@/lib/facts/amounts'
import type { TableEvent } from '@/lib/facts/table-event'
import { netOfTerms, type Term } from '@/lib/facts/terms'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Database } from '@/server/db/database'
import { readFactEvents } from '@/server/db/facts/fact-events'
import { type FactSum, readFactSums } from '@/server/db/facts/fact-sums'
import { findFactTable } from '@/server/db/facts/fact-tables'
import { COMMIT_TERMS } from './commit-terms'

type GrowthRange = (typeof GROWTH_RANGES)[number]

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS
const RANGES: Readonly<Record<GrowthRange, { days: number; grain: 'hour' | 'day' }>> = {
  '7d': { days: 7, grain: 'hour' },
  '30d': { days: 30, grain: 'day' },
  '1y': { days: 365, grain: 'day' },
}
const MAX_EVENTS = 200
const NAMED_OPERATIONS = 7
const OTHER = 'other'

/** The size of a table over time, from its history: each period ends with the total less what came later. */
export async function readGrowth(
  database: Database,
  table: TableIdentifier,
  range: GrowthRange,
): Promise<Omit<TableGrowth, 'behind'>> {
  const { days, grain } = RANGES[range]
  const periodMs = grain === 'hour' ? HOUR_MS : DAY_MS
  const nowMs = database.nowMs()
  const fromMs = Math.floor(nowMs / periodMs) * periodMs - (days * DAY_MS - periodMs)
  const found = await findFactTable(database, table)
  if (found === null) {
    const start = { rows: 0, bytes: 0, files: 0 }
    return { history: null, periodMs, operations: [], start, periods: [], notReadRows: 0, events: [] }
  }
  const of = { tableIds: [found.id] }
  const [sums, events] = await Promise.all([
    readFactSums(database, { of, fromMs, toMs: null, grain, by: ['period', 'operation'] }),
    readFactEvents(database, { of, fromMs, toMs: Number.MAX_SAFE_INTEGER, limit: MAX_EVENTS }),
  ])
  const { start, periods, operations } = toPeriods(sums, found.total, { fromMs, nowMs, periodMs })
  return {
    history: { firstReadAtMs: found.firstReadAtMs, readAtMs: found.readAtMs },
    periodMs,
    operations,
    start,
    periods,
    notReadRows: sums.filter(({ term }) => term === 'not-read').reduce((sum, { rows }) => sum + rows, 0),
    events: events.flatMap(({ event }) => toGrowthEvent(event) ?? []).reverse(),
  }
}

function toPeriods(
  sums: readonly FactSum[],
  total: Amounts,
  { fromMs, nowMs, periodMs }: { fromMs: number; nowMs: number; periodMs: number },
): Pick<TableGrowth, 'start' | 'periods' | 'operations'> {
  const byPeriod = Map.groupBy(sums, ({ periodStartMs }) => periodStartMs ?? fromMs)
  const operations = namedOperations(sums)
  // Clocks of writers may be ahead.
  const lastMs = Math.max(nowMs - (nowMs % periodMs), ...byPeriod.keys())
  const startsMs = Array.from({ length: (lastMs - fromMs) / periodMs + 1 }, (_, index) => fromMs + index * periodMs)
  let end = total
  const periods: TableGrowth['periods'] = []
  for (const startMs of startsMs.toReversed()) {
    const there = byPeriod.get(startMs) ?? []
    periods.push({
      startMs,
      endMs: startMs === lastMs ? Math.max(nowMs, startMs + 1) : startMs + periodMs,
      ...toSizes(end),
      commits: countCommits(there, operations),
    })
    end = addAmounts(end, negate(netOfTerms(toTermSums(there))))
  }
  const start = toSizes(end)
  const isEmpty = start.rows === 0 && start.bytes === 0 && start.files === 0
  const first = isEmpty ? startsMs.findIndex((startMs) => byPeriod.has(startMs)) : 0
  return { start, periods: first < 0 ? [] : periods.reverse().slice(first), operations }
}

/** Sums of deletes are not stored, and have no part in the sizes. */
function toTermSums(sums: readonly FactSum[]): Partial<Record<Term, Amounts>> {
  const terms: Partial<Record<Term, Amounts>> = {}
  for (const { term, rows, files, bytes } of sums) {
    terms[term] = addAmounts(terms[term] ?? ZERO, { ...ZERO, rows, files, bytes })
  }
  return terms
}

function toSizes({ rows, bytes, files }: Amounts): Pick<TableGrowth['periods'][number], 'rows' | 'bytes' | 'files'> {
  return { rows, bytes, files }
}

/** The most frequent first. */
function namedOperations(sums: readonly FactSum[]): string[] {
  const counts = new Map<string, number>()
  for (const { term, operation, commits } of sums) {
    if (COMMIT_TERMS.includes(term) && operation) counts.set(operation, (counts.get(operation) ?? 0) + commits)
  }
  const names = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a)
  const named = names.slice(0, NAMED_OPERATIONS).map(([name]) => name)
  return names.length > NAMED_OPERATIONS ? [...named, OTHER] : named
}

function countCommits(sums: readonly FactSum[], operations: readonly string[]): number[] {
  const counts = operations.map(() => 0)
  for (const { term, operation, commits } of sums) {
    if (!COMMIT_TERMS.includes(term) || !operation) continue
    const named = operations.indexOf(operation)
    const index = named < 0 ? operations.length - 1 : named
    counts[index] = (counts[index] ?? 0) + commits
  }
  return counts
}

function toGrowthEvent(event: TableEvent): GrowthEvent | null {
  const { atMs, kind } = event
  switch (kind) {
    case 'schema':
    case 'partition-spec':
    case 'sort-order':
      return { atMs, kind, toId: event.toId }
    case 'rollback':
    case 'replaced':
    case 'restored':
    case 'renamed':
      return { atMs, kind, toId: null }
    default:
      return null
  }
}
