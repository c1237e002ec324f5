import 'server-only'
import { type RawBuilder, sql } from 'kysely'
import type { Term } from '@/lib/facts/terms'
import type { Database } from '../database'
import { type Dialect, query } from '../statement'
import { type SumScope, sumsInScope } from './is-in-scope'
import { DAY_MS, HOUR_MS } from './sum-tables'
import { stepOfHour } from './sums/step-of-hour'
import { type Grain, splitRange, type SumKey, type SumPart } from './split-range'

/** Sums of facts over time, which dashboards read. */

/** A sum, over all that it does not name: null where the query does not ask for it. */
export type FactSum = {
  /** In UTC. */
  periodStartMs: number | null
  tableId: number | null
  term: Term
  /** Empty: not known. */
  operation: string | null
  /** 0: not known. */
  writerId: number | null
  /** Commits that became part of `main`; for other terms than those of commits, the facts. */
  commits: number
  rows: number
  files: number
  bytes: number
}

export type FactSumQuery = {
  of: SumScope
  /** The beginning of an hour, in UTC. */
  fromMs: number
  /** The beginning of an hour, in UTC, which is not in the sums; null: to the newest fact. */
  toMs: number | null
  by: readonly SumKey[]
  /** No other term and operation. */
  only?: { term: Term; operation: string }
  /** How long the periods are, if the sums are by period. */
  grain: Grain
  /**
   * Longer periods: when each of them begins, at the beginning of an hour or a day as the grain says. The first one is
   * that of `fromMs`.
   */
  startsMs?: readonly number[]
}

/**
 * Reads sums of facts, the oldest first. Whole days are read from the sums by day, the hours before and after them from
 * those by hour, which are stored for two years only. The sums of all tables of a catalog are stored; those of single
 * tables cost a row for each of their days, or, without periods and writers, for each month.
 *
 * @throws RangeError when the times are not the beginning of an hour
 */
export async function readFactSums(database: Database, request: FactSumQuery): Promise<FactSum[]> {
  const { fromMs, toMs, grain, by } = request
  const range = { fromHour: toWholeHour(fromMs), toHour: toMs === null ? null : toWholeHour(toMs) }
  if (range.toHour !== null && range.toHour <= range.fromHour) return []
  const isOfLake = 'catalogs' in request.of && !by.includes('table')
  const hasMonths = by.every((key) => key === 'table' || key === 'operation')
  const parts = splitRange(range, {
    grain: by.includes('period') ? grain : 'day',
    sums: isOfLake ? 'lake' : hasMonths ? 'months' : 'days',
  })
  const rows: readonly SumRow[] = await database.read(
    query((dialect) => {
      const all = sql<SumColumns>`(${sql.join(
        parts.map((part) => selectPart(dialect, part, request)),
        sql` union all `,
      )})`
      // Keys that are not asked for are null in every row, and would be compared and sorted, too.
      const keys = (['period', 'table_id', 'term', 'operation', 'writer_id'] as const).filter(
        (key) => key === 'term' || by.some((request) => KEY_COLUMNS[request] === key),
      )
      const grouped = dialect.db
        .selectFrom(all.as('sums'))
        .select(keys)
        .select(({ fn }) => [
          fn.sum<number>('commits').as('commits'),
          fn.sum<number>('rows').as('rows'),
          fn.sum<number>('files').as('files'),
          fn.sum<number>('bytes').as('bytes'),
        ])
        .groupBy(keys)
      return keys.reduce((ordered, key) => ordered.orderBy(key), grouped)
    }),
  )
  const periodMs = grain === 'hour' ? HOUR_MS : DAY_MS
  const startOf = (period: number) => request.startsMs?.[period] ?? period * periodMs
  return rows
    .filter((row) => row.commits !== 0 || row.rows !== 0 || row.files !== 0 || row.bytes !== 0)
    .map(({ period = null, table_id = null, term, operation = null, writer_id = null, ...amounts }) => ({
      periodStartMs: period === null ? null : startOf(period),
      tableId: table_id,
      term,
      operation,
      writerId: writer_id,
      ...amounts,
    }))
}

/** Keys that the query does not group by are absent. */
type SumRow = Pick<FactSum, 'term' | 'commits' | 'rows' | 'files' | 'bytes'> & {
  period?: number | null
  table_id?: number | null
  operation?: string | null
  writer_id?: number | null
}

type SumColumns = Required<SumRow>

const SUM_KEYS = ['period', 'table', 'operation', 'writer'] as const
const AMOUNTS = ['commits', 'rows', 'files', 'bytes'] as const
const KEY_COLUMNS = { period: 'period', table: 'table_id', operation: 'operation', writer: 'writer_id' } as const

function toWholeHour(atMs: number): number {
  const hour = atMs / HOUR_MS
  if (!Number.isSafeInteger(hour)) throw new RangeError(`${atMs} is not the beginning of an hour`)
  return hour
}

function selectPart(
  dialect: Dialect,
  { isTaken, ...part }: SumPart,
  { of, by, only, grain, startsMs = [] }: FactSumQuery,
): RawBuilder<unknown> {
  const periodOfPart = toPeriod(part.name.endsWith('_hours') ? 'hour' : 'day', grain, startsMs)
  const columnOf = (key: SumKey) => (key === 'period' ? periodOfPart : sql.ref(KEY_COLUMNS[key]))
  const keys = SUM_KEYS.map(
    (key) => sql`${by.includes(key) ? columnOf(key) : sql`null`} as ${sql.ref(KEY_COLUMNS[key])}`,
  )
  const amounts = AMOUNTS.map((name) => sql`${isTaken ? sql`0 - ${sql.ref(name)}` : sql.ref(name)} as ${sql.ref(name)}`)
  const isAsked = only && sql`term = ${only.term} and operation = ${only.operation}`
  return sql`select term, ${sql.join([...keys, ...amounts])} from ${sumsInScope(dialect, of, part, isAsked)}`
}

/** @param unit of the stored period, which is not longer than a period of the sums */
function toPeriod(unit: Grain, grain: Grain, startsMs: readonly number[]): RawBuilder<unknown> {
  const hoursPerDay = sql.lit(DAY_MS / HOUR_MS)
  if (startsMs.length > 0) {
    const hour = unit === 'hour' ? sql`period` : sql`period * ${hoursPerDay}`
    return stepOfHour(hour, startsMs.map(toWholeHour))
  }
  return unit === 'hour' && grain === 'day' ? sql`period / ${hoursPerDay}` : sql`period`
}
