import 'server-only'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'

/** A table or view as the SQL catalog's tables name it: the levels of its namespace are joined with dots. */
export type CatalogKey = { catalog: string; namespace: string; name: string }

export function toCatalogKey({ catalog, namespace, table }: TableIdentifier): CatalogKey {
  return { catalog, namespace: toDottedName(namespace), name: table }
}

export function toTableIdentifier({ catalog, namespace, name }: CatalogKey): TableIdentifier {
  return { catalog, namespace: namespace.split('.'), table: name }
}

/** The form of the columns `table_namespace` and `namespace`. */
export function toDottedName(namespace: Namespace): string {
  return namespace.join('.')
}
