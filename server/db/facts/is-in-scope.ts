import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Dialect } from '../statement'
import { isOneOf } from './is-one-of'

/** Some histories, or all of some catalogs. */
export type SumScope = { tableIds: readonly number[] } | { catalogs: readonly string[] }

/** Whether a row is of these histories. `hasCatalogs`: the rows are sums of whole catalogs. */
export function isInScope(
  dialect: Dialect,
  of: SumScope,
  { hasCatalogs = false }: { hasCatalogs?: boolean } = {},
): RawBuilder<SqlBool> {
  if ('tableIds' in of) return isOneOf(dialect, of.tableIds)
  if (of.catalogs.length === 0) return sql<SqlBool>`1 = 0`
  const isOfCatalogs = sql<SqlBool>`catalog in (${sql.join(of.catalogs)})`
  return hasCatalogs ? isOfCatalogs : sql<SqlBool>`table_id in (select id from fact_tables where ${isOfCatalogs})`
}
