import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { HistoryOrder, HistoryTableName } from '@/lib/facts/history-table-names'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import type { Value } from '@/lib/iceberg/schema/types'
import type { Database } from '../../database'
import { type Dialect, query } from '../../statement'
import { columnOf, predicateToCondition, weakenPredicate } from './condition-sql'
import { type HistoryColumn, type StoredValue, toValue } from './history-column'
import type { HistoryOwner } from './history-owners'
import type { HistoryTable } from './history-table'
import { HISTORY_TABLES } from './history-tables'

/** Rows of history tables, by pages. */

/** Where a page of rows ended: the values of the key of its last row. */
export type HistoryPosition = readonly (string | number)[]

export type HistoryPage = {
  /** Values in the order of the columns. */
  rows: (Value | null)[][]
  /** Where the next page begins; null after the last one. */
  next: HistoryPosition | null
}

type Selection = {
  name: HistoryTableName
  /** The tables whose rows may be read: no row of another one is, or is counted. */
  owners: readonly HistoryOwner[]
  predicate: BoundPredicate
}

/** Among so many facts, those of a time are sought by their time, and not by their tables. */
const MANY_FACTS = 200_000

export async function readHistoryPage(
  database: Database,
  { name, owners, predicate }: Selection,
  {
    columns,
    order,
    after,
    limit,
  }: { columns: readonly HistoryColumn[]; order: HistoryOrder; after: HistoryPosition | null; limit: number },
): Promise<HistoryPage> {
  const table = HISTORY_TABLES[name]
  const isStored = order === 'any' && table.storedKey !== null
  const key = (order === 'any' ? table.storedKey : null) ?? table.timeKey
  const isDescending = !isStored && order !== 'oldest-first'
  // Rows are stored by the number of the table, which says where the tables of earlier pages end.
  const firstId = isStored && after !== null ? Number(after[0]) : 0
  const remaining = owners.filter(({ id }) => id >= firstId)
  if (remaining.length === 0) return { rows: [], next: null }
  const rows = await database.read(
    query<Record<string, StoredValue>>((dialect) => {
      const values = columns.map(({ expression }, i) => sql`${expression} as ${sql.ref(`c${i}`)}`)
      const keys = key.map((expression, i) => sql`${expression} as ${sql.ref(`k${i}`)}`)
      const direction = isDescending ? sql`desc` : sql`asc`
      const parts = selectParts(dialect, table, { owners: remaining, predicate, isStored })
      const statement = sql<Record<string, StoredValue>>`select ${sql.join([...values, ...keys])}
        from ${table.source} where ${parts.where} and ${afterCondition(key, after, isDescending)} ${parts.grouping}
        order by ${sql.join(key.map((expression) => sql`${expression} ${direction}`))} limit ${sql.lit(limit + 1)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    rows: shown.map((row) => columns.map(({ storage }, i) => toValue(storage, row[`c${i}`] ?? null))),
    next: last ? key.map((_, i) => last[`k${i}`] ?? '') : null,
  }
}

/** @param limit more rows are not counted; null: all are */
export async function countHistoryRows(
  database: Database,
  { name, owners, predicate }: Selection,
  limit: number | null,
): Promise<number> {
  if (owners.length === 0) return 0
  const table = HISTORY_TABLES[name]
  const [row] = await database.read(
    query<{ count: number }>((dialect) => {
      const { where, grouping } = selectParts(dialect, table, { owners, predicate, isStored: false })
      const bound = limit === null ? sql`` : sql`limit ${sql.lit(limit)}`
      const statement = sql<{ count: number }>`select count(*) as count from
        (select 1 as one from ${table.source} where ${where} ${grouping} ${bound}) as counted`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return row?.count ?? 0
}

function selectParts(
  dialect: Dialect,
  { columns, groupedBy, storedKey }: HistoryTable,
  { owners, predicate, isStored }: { owners: readonly HistoryOwner[]; predicate: BoundPredicate; isStored: boolean },
): { where: RawBuilder<SqlBool>; grouping: RawBuilder<unknown> } {
  const factCount = owners.reduce((sum, owner) => sum + owner.factCount, 0)
  const isByTime = !isStored && storedKey === null && factCount > MANY_FACTS
  const ids = dialect.rowsOfTexts(owners.map(({ id }) => [String(id), null, null]))
  const tableId = isByTime ? sql`r.table_id + 0` : sql`r.table_id`
  const isOfOwner = sql<SqlBool>`${tableId} in (select cast(sought.a as bigint) from ${ids})`
  // Sums are known once rows are grouped; the other columns decide which rows are.
  const ofRows = weakenPredicate(predicate, (condition) => (columnOf(condition, columns).isSum === true ? true : null))
  const where = sql<SqlBool>`${isOfOwner} and ${predicateToCondition(ofRows, columns)}`
  if (groupedBy === null) return { where, grouping: sql`` }
  return { where, grouping: sql`group by ${groupedBy} having ${predicateToCondition(predicate, columns)}` }
}

/** The time is compared alone, too, so that its index is used. */
function afterCondition(
  key: readonly RawBuilder<unknown>[],
  after: HistoryPosition | null,
  isDescending: boolean,
): RawBuilder<SqlBool> {
  const [first] = key
  if (after === null || first === undefined) return sql<SqlBool>`1 = 1`
  const [notBefore, beyond] = isDescending ? [sql`<=`, sql`<`] : [sql`>=`, sql`>`]
  return sql<SqlBool>`${first} ${notBefore} ${after[0]} and (${sql.join(key)}) ${beyond} (${sql.join(after)})`
}
