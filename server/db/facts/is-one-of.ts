import 'server-only'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Dialect } from '../statement'

/**
 * Whether a row is of one of these histories. The ids are one parameter, however many there are.
 *
 * @param options.isByTime whether rows are sought by their time, so that an index of tables is not used
 */
export function isOneOf(
  dialect: Dialect,
  tableIds: readonly number[],
  { isByTime = false, column = 'table_id' }: { isByTime?: boolean; column?: 'table_id' | 'id' } = {},
): RawBuilder<SqlBool> {
  const rows = dialect.rowsOfTexts(tableIds.map((id) => [String(id), null, null]))
  const tableId = isByTime ? sql`${sql.ref(column)} + 0` : sql.ref(column)
  return sql<SqlBool>`${tableId} in (select cast(sought.a as bigint) from ${rows})`
}
