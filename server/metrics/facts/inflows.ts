import 'server-only'
import { toTerms } from '@/lib/facts/terms'
import { sum } from '@/lib/sum'
import { readNewestCommits } from '@/server/db/facts/history-commits'
import type { Database } from '@/server/db/database'
import { type FactSum, readFactSums } from '@/server/db/facts/fact-sums'
import type { SumScope } from '@/server/db/facts/is-in-scope'
import { readMovedTables } from '@/server/db/facts/sums/moved-tables'
import { type Span, stepStarts } from '../span'

/** The rows and bytes that came into a table at a time, or in the hour that begins then. */
export type Inflow = { tableId: number; atMs: number; rows: number; bytes: number }

export type Inflows = {
  /** All tables together. */
  totals: Omit<Inflow, 'tableId'>[]
  /** The tables with the largest shares of the rows and of the bytes of the whole span, both together. */
  largest: { tableId: number; share: number }[]
  /** How many tables got anything. */
  tableCount: number
  /** Some tables over time. */
  readTables: (tableIds: readonly number[]) => Promise<Inflow[]>
}

const HOUR_MS = 60 * 60_000
/** The newest ones. Steps that are shorter than an hour are made of single commits. */
const MAX_COMMITS = 20_000

/** @param limit how many of the largest tables are read */
export function readInflows(database: Database, of: SumScope, span: Span, limit: number): Promise<Inflows> {
  return span.stepMs % HOUR_MS === 0 ? readHours(database, of, span, limit) : readCommits(database, of, span, limit)
}

/** An hour belongs to the step in which it begins. */
async function readHours(database: Database, of: SumScope, span: Span, limit: number): Promise<Inflows> {
  const toHour = (atMs: number) => Math.ceil(atMs / HOUR_MS) * HOUR_MS
  const range = { fromMs: toHour(span.fromMs), toMs: toHour(span.toMs), grain: 'hour' as const }
  const startsMs = stepStarts(span).map(toHour)
  const totals = toInflows(await readFactSums(database, { ...range, of, by: ['period'], startsMs }))
  const { charted, chartedCount } = await readMovedTables(database, {
    ...range,
    of,
    measure: 'rows',
    charts: { sharesOf: sumUp(totals) },
    limits: { moved: 0, charted: limit },
  })
  return {
    totals,
    largest: charted.map(({ id, charted: share }) => ({ tableId: id, share })),
    tableCount: chartedCount,
    readTables: async (ids) =>
      toInflows(await readFactSums(database, { ...range, of: { tableIds: ids }, by: ['table', 'period'], startsMs })),
  }
}

function sumUp(inflows: readonly Pick<Inflow, 'rows' | 'bytes'>[]): { rows: number; bytes: number } {
  return { rows: sum(inflows.map(({ rows }) => rows)), bytes: sum(inflows.map(({ bytes }) => bytes)) }
}

function toInflows(sums: readonly FactSum[]): Inflow[] {
  return sums
    .filter(({ term }) => term === 'came-in')
    .map(({ tableId, periodStartMs, rows, bytes }) => ({
      tableId: tableId ?? 0,
      atMs: periodStartMs ?? 0,
      rows,
      bytes,
    }))
}

async function readCommits(database: Database, of: SumScope, { fromMs, toMs }: Span, limit: number): Promise<Inflows> {
  const commits = await readNewestCommits(database, { of, fromMs, toMs, limit: MAX_COMMITS }, { isByTime: true })
  const noDeletes = { deleteFiles: 0, positionDeletes: 0, equalityDeletes: 0 }
  const inflows = commits.map(({ tableId, atMs, operation, added, removed }): Inflow => {
    const amounts = { added: { ...added, ...noDeletes }, removed: { ...removed, ...noDeletes } }
    const cameIn = toTerms({ kind: 'commit', operation, ...amounts })['came-in']
    return { tableId, atMs, rows: cameIn?.rows ?? 0, bytes: cameIn?.bytes ?? 0 }
  })
  const ofTables = Map.groupBy(inflows, ({ tableId }) => tableId)
  const all = sumUp(inflows)
  const shares = [...ofTables].map(([tableId, ofTable]) => {
    const { rows, bytes } = sumUp(ofTable)
    return { tableId, share: rows / Math.max(all.rows, 1) + bytes / Math.max(all.bytes, 1) }
  })
  const largest = shares.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share)
  return {
    totals: inflows,
    largest: largest.slice(0, limit),
    tableCount: largest.length,
    readTables: async (ids) => ids.flatMap((id) => ofTables.get(id) ?? []),
  }
}
