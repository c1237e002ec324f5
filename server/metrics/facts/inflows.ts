import 'server-only'
import { toTerms } from '@/lib/facts/terms'
import { sum } from '@/lib/sum'
import { readNewestCommits } from '@/server/db/facts/history-commits'
import type { Database } from '@/server/db/database'
import { type FactSum, readFactSums } from '@/server/db/facts/fact-sums'
import type { SumScope } from '@/server/db/facts/is-in-scope'
import type { Span } from '../span'

/** The rows and bytes that came into a table at a time, or in the hour that begins then. */
export type Inflow = { tableId: number; atMs: number; rows: number; bytes: number }

export type Inflows = {
  /** All tables together. */
  totals: Omit<Inflow, 'tableId'>[]
  /** The whole span together. */
  byTable: Omit<Inflow, 'atMs'>[]
  /** Some tables over time. */
  readTables: (tableIds: readonly number[]) => Promise<Inflow[]>
}

const HOUR_MS = 60 * 60_000
/** The newest ones. Steps that are shorter than an hour are made of single commits. */
const MAX_COMMITS = 20_000

/** @param tables the histories, and what their sums are read of */
export function readInflows(database: Database, of: SumScope, span: Span): Promise<Inflows> {
  return span.stepMs % HOUR_MS === 0 ? readHours(database, of, span) : readCommits(database, of, span)
}

/** An hour belongs to the step in which it begins. */
async function readHours(database: Database, of: SumScope, span: Span): Promise<Inflows> {
  const toHour = (atMs: number) => Math.ceil(atMs / HOUR_MS) * HOUR_MS
  const range = { fromMs: toHour(span.fromMs), toMs: toHour(span.toMs), grain: 'hour' as const }
  const [byTable, byHour] = await Promise.all([
    readFactSums(database, { ...range, of, by: ['table'] }),
    readFactSums(database, { ...range, of, by: ['period'] }),
  ])
  return {
    totals: toInflows(byHour),
    byTable: toInflows(byTable),
    readTables: async (ids) =>
      toInflows(await readFactSums(database, { ...range, of: { tableIds: ids }, by: ['table', 'period'] })),
  }
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

async function readCommits(database: Database, of: SumScope, { fromMs, toMs }: Span): Promise<Inflows> {
  const commits = await readNewestCommits(database, { of, fromMs, toMs, limit: MAX_COMMITS }, { isByTime: true })
  const noDeletes = { deleteFiles: 0, positionDeletes: 0, equalityDeletes: 0 }
  const inflows = commits.map(({ tableId, atMs, operation, added, removed }): Inflow => {
    const amounts = { added: { ...added, ...noDeletes }, removed: { ...removed, ...noDeletes } }
    const cameIn = toTerms({ kind: 'commit', operation, ...amounts })['came-in']
    return { tableId, atMs, rows: cameIn?.rows ?? 0, bytes: cameIn?.bytes ?? 0 }
  })
  const ofTables = Map.groupBy(inflows, ({ tableId }) => tableId)
  return {
    totals: inflows,
    byTable: [...ofTables].map(([tableId, all]) => ({
      tableId,
      rows: sum(all.map(({ rows }) => rows)),
      bytes: sum(all.map(({ bytes }) => bytes)),
    })),
    readTables: async (ids) => ids.flatMap((id) => ofTables.get(id) ?? []),
  }
}
