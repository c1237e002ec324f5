import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { sqlName } from '@/lib/query/tables/table-name'
import type { TableReference } from '@/lib/query/tables/table-references'

/** A name in SQL and the table or view that it names. */
export type NamedReference = TableReference & { identifier: TableIdentifier }

/** A key that is equal for equal tables and views. */
export function relationKey({ catalog, namespace, table }: TableIdentifier): string {
  return JSON.stringify([catalog, joinNamespace(namespace), table])
}

/** How messages name a table or view. */
export function relationLabel({ namespace, table }: TableIdentifier): string {
  return sqlName([...namespace, table])
}
