import type { TableIdentifier } from '@/lib/names/identifiers'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'

/**
 * The table in a statement of Trino, whose catalogs are in lower case. Null if it has no name there: `$` and `@`
 * introduce metadata tables and versions, and a dot separates namespaces.
 */
export function trinoTableName({ catalog, namespace, table }: TableIdentifier): string | null {
  if (/[$@]/.test(table) || namespace.some((level) => level.includes('.'))) return null
  return [catalog.toLowerCase(), namespace.join('.'), table].map(quoteIdentifier).join('.')
}
