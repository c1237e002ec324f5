import 'server-only'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'

/** A table or view as the SQL catalog's tables name it: the levels of its namespace are one text, joined with dots. */
export type CatalogKey = { catalog: string; namespace: string; name: string }

export function toCatalogKey({ catalog, namespace, table }: TableRef): CatalogKey {
  return { catalog, namespace: dotted(namespace), name: table }
}

export function toTableRef({ catalog, namespace, name }: CatalogKey): TableRef {
  return { catalog, namespace: namespace.split('.'), table: name }
}

/** As in the columns `table_namespace` and `namespace`. */
export function dotted(namespace: Namespace): string {
  return namespace.join('.')
}
