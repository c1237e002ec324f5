import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { HistoryOrder } from '@/lib/facts/history-table-names'
import type { Value } from '@/lib/iceberg/schema/types'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import type { Database } from '../../database'
import { query } from '../../statement'
import { predicateToCondition } from './condition-sql'
import { type HistoryColumn, type StoredValue, toValue } from './history-column'
import { type HistoryPosition, type HistorySelection, readSlices, type Slice, SLICE_SIZES } from './history-slices'
import { HISTORY_TABLES } from './history-tables'

/** Rows of history tables, by pages. */

export type HistoryPage = {
  /** Values in the order of the columns. */
  rows: (Value | null)[][]
  /** Where the next page begins; null after the last one. */
  next: HistoryPosition | null
}

/** A page ends after this time, also without any row: the next one goes on. */
const PAGE_MS = 1_000

export async function readHistoryPage(
  database: Database,
  selection: HistorySelection,
  {
    columns,
    order,
    after,
    limit,
  }: { columns: readonly HistoryColumn[]; order: HistoryOrder; after: HistoryPosition | null; limit: number },
): Promise<HistoryPage> {
  const { key } = HISTORY_TABLES[selection.name]
  const rows: Record<string, StoredValue>[] = []
  let next: HistoryPosition | null = null
  for await (const slice of readSlices(database, selection, { order, after, timeoutMs: PAGE_MS })) {
    rows.push(...(await readSlice(database, selection, slice, { columns, limit: limit + 1 - rows.length })))
    const last = rows.length > limit ? rows[limit - 1] : undefined
    next = last ? key.map((_, i) => last[`k${i}`] ?? '') : slice.end
    if (last) break
  }
  return {
    rows: rows.slice(0, limit).map((row) => columns.map(({ storage }, i) => toValue(storage, row[`c${i}`] ?? null))),
    next,
  }
}

async function readSlice(
  database: Database,
  { name, predicate }: HistorySelection,
  slice: Slice,
  { columns, limit }: { columns: readonly HistoryColumn[]; limit: number },
): Promise<readonly Record<string, StoredValue>[]> {
  const { key, stored, joins, ...table } = HISTORY_TABLES[name]
  return await database.read(
    query<Record<string, StoredValue>>((dialect) => {
      const values = columns.map(({ expression }, i) => sql`${expression} as ${sql.ref(`c${i}`)}`)
      const keys = key.map((expression, i) => sql`${expression} as ${sql.ref(`k${i}`)}`)
      const direction = slice.isDescending ? sql`desc` : sql`asc`
      const statement = sql<Record<string, StoredValue>>`select ${sql.join([...values, ...keys])}
        from ${stored} ${joins} where ${slice.where(dialect)} ${passes(predicate, table)}
        order by ${sql.join(key.map((expression) => sql`${expression} ${direction}`))} limit ${sql.lit(limit)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
}

/** @property isExact false: there was no time to count the others, and the number of all is estimated */
export type HistoryCount = { rowCount: number; isExact: boolean }

/**
 * @param options.limit more rows are not counted
 * @param options.timeoutMs how long rows are counted
 */
export async function countHistoryRows(
  database: Database,
  selection: HistorySelection,
  { limit, timeoutMs }: { limit: number; timeoutMs: number },
): Promise<HistoryCount> {
  let rowCount = 0
  let end: HistoryPosition | null = null
  let countedFacts = 0
  for await (const slice of readSlices(database, selection, { order: 'any', after: null, timeoutMs })) {
    rowCount += await countSlice(database, selection, slice)
    end = slice.end
    countedFacts += SLICE_SIZES.rows
    if (rowCount > limit) return { rowCount, isExact: true }
  }
  if (end === null) return { rowCount, isExact: true }
  const factCount = selection.owners.reduce((sum, owner) => sum + owner.factCount, 0)
  return { rowCount: Math.round(rowCount * Math.max(1, factCount / countedFacts)), isExact: false }
}

async function countSlice(database: Database, { name, predicate }: HistorySelection, slice: Slice): Promise<number> {
  const { stored, joins, ...table } = HISTORY_TABLES[name]
  const [row] = await database.read(
    query<{ count: number }>((dialect) => {
      const statement = sql<{ count: number }>`select count(*) as count from
        (select 1 as one from ${stored} ${joins} where ${slice.where(dialect)} ${passes(predicate, table)}) as counted`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return row?.count ?? 0
}

/** The end of a condition: the predicate, of sums once rows are grouped. */
function passes(
  predicate: BoundPredicate,
  { columns, groupedBy }: { columns: readonly HistoryColumn[]; groupedBy: RawBuilder<unknown> | null },
): RawBuilder<SqlBool> {
  const condition = predicateToCondition(predicate, columns)
  return groupedBy === null ? sql<SqlBool>`and ${condition}` : sql<SqlBool>`group by ${groupedBy} having ${condition}`
}
