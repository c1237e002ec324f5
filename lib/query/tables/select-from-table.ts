import type { TableIdentifier } from '@/lib/names/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { SortDirection } from '@/lib/scan/sort/sort-keys'
import { quoteIdentifier, quoteString } from '../../sql/quote-identifier'
import { sqlName } from './table-name'

/** The version of a table that a page shows. */
export type ShownVersion = { isCurrent: boolean; snapshotId: string | null; ref: { name: string } | null }

/**
 * A first query over the shown version of a table, with its connection, because Query looks for other names in the
 * console's own catalog: `select * from local.demo.flights for version as of 123 limit 100`.
 */
export function selectFromTable(table: TableIdentifier, shown: ShownVersion): string {
  return `${selectRows(table, shown, { columns: null })}\nlimit 100`
}

/**
 * The rows that a grid shows, with their connection: `select id, "Name" from local.demo.flights for version as of 123`.
 *
 * @param options.columns in order; null for all columns of the table
 * @param options.where a condition as SQL
 * @param options.orderBy an order as SQL, see {@link orderBySql}
 */
export function selectRows(
  { catalog, namespace, table }: TableIdentifier,
  shown: ShownVersion,
  {
    columns,
    where = null,
    orderBy = null,
  }: { columns: readonly string[] | null; where?: string | null; orderBy?: string | null },
): string {
  const list = columns === null ? '*' : columns.map((name) => sqlName([name])).join(', ')
  const clauses = [where === null ? '' : `\nwhere ${where}`, orderBy === null ? '' : `\norder by ${orderBy}`]
  return `select ${list}\nfrom ${sqlName([catalog, ...namespace, table])}${versionClause(shown)}${clauses.join('')}`
}

/** `"Delay" desc nulls last` */
export function orderBySql({ name }: NestedField, { isDescending, areNullsFirst }: SortDirection): string {
  return `${quoteIdentifier(name)} ${isDescending ? 'desc' : 'asc'} nulls ${areNullsFirst ? 'first' : 'last'}`
}

function versionClause({ isCurrent, snapshotId, ref }: ShownVersion): string {
  if (isCurrent) return ''
  if (ref && ref.name !== 'main') return ` for version as of ${quoteString(ref.name)}`
  return snapshotId === null ? '' : ` for version as of ${snapshotId}`
}
