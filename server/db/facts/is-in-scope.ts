import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Dialect } from '../statement'
import { isOneOf } from './is-one-of'

/** Some histories, or all of some catalogs. */
export type SumScope = { tableIds: readonly number[] } | { catalogs: readonly string[] }

/**
 * Whether a row is of these histories.
 *
 * @param options.hasCatalogs the rows are sums of whole catalogs
 * @param options.isByTime rows are sought by their time, so that an index of tables is not used
 */
export function isInScope(
  dialect: Dialect,
  of: SumScope,
  { hasCatalogs = false, isByTime = false }: { hasCatalogs?: boolean; isByTime?: boolean } = {},
): RawBuilder<SqlBool> {
  if ('tableIds' in of) return isOneOf(dialect, of.tableIds, { isByTime })
  if (hasCatalogs) return isOfCatalogs(of.catalogs)
  const tableId = isByTime ? sql`table_id + 0` : sql`table_id`
  return sql<SqlBool>`${tableId} in (select id from fact_tables where ${isOfCatalogs(of.catalogs)})`
}

/** The same for rows of `fact_tables`. */
export function isTableInScope(dialect: Dialect, of: SumScope): RawBuilder<SqlBool> {
  return 'tableIds' in of ? isOneOf(dialect, of.tableIds, { column: 'id' }) : isOfCatalogs(of.catalogs)
}

function isOfCatalogs(catalogs: readonly string[]): RawBuilder<SqlBool> {
  return catalogs.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`catalog in (${sql.join(catalogs)})`
}

/**
 * Rows of sums in a range of periods, to select from: `to` is not in it; null: to the newest. Those of single tables are
 * looked up by table, however many other tables have rows in these periods.
 *
 * @param isAsked another condition
 */
export function sumsInScope(
  dialect: Dialect,
  of: SumScope,
  { name, from, to }: { name: string; from: number; to: number | null },
  isAsked: RawBuilder<unknown> = sql`1 = 1`,
): RawBuilder<unknown> {
  const isBefore = to === null ? sql`1 = 1` : sql`period < ${to}`
  const isInRange = sql`period >= ${from} and ${isBefore} and ${isAsked}`
  if ('catalogs' in of) {
    const hasCatalogs = name.startsWith('fact_lake_')
    return sql`${sql.table(name)} where ${isInRange} and ${isInScope(dialect, of, { hasCatalogs })}`
  }
  const ids = of.tableIds.map((id) => [String(id)])
  return dialect.lookUp(ids, name, sql`table_id = cast(sought.a as bigint) and ${isInRange}`)
}
