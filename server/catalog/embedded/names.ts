import 'server-only'
import { AppError } from '@/lib/errors'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import { requireNewName } from '@/lib/names/new-name'
import { toDottedName } from '@/server/db/catalog/catalog-key'
import type { RowKind } from '@/server/db/catalog/table-rows'

/**
 * Names of the SQL catalog. A namespace is one column with its levels joined by dots, so a level that contains a dot
 * would look like two levels. Names never go into a path or a policy unchanged: see `folderPath`.
 */

/** The columns are VARCHAR(255) in Java's tables. A single name is never longer. */
const MAX_NAMESPACE_CHARS = 255

/** @throws {AppError} invalid-request */
export function requireEntryName(kind: RowKind, identifier: TableIdentifier): void {
  requireNamespaceName(identifier.namespace)
  requireNewName(kind, identifier.table)
}

/** @throws {AppError} invalid-request */
export function requireNamespaceName(namespace: Namespace): void {
  if (namespace.length === 0) throw new AppError('invalid-request', 'A namespace has at least one level.')
  for (const level of namespace) {
    requireNewName('namespace', level)
    if (level.includes('.')) {
      throw new AppError(
        'invalid-request',
        `The namespace level "${level}" contains a dot. This catalog joins levels with dots, so it would be read as several levels.`,
      )
    }
  }
  if (toDottedName(namespace).length > MAX_NAMESPACE_CHARS) {
    throw new AppError('invalid-request', `A namespace has at most ${MAX_NAMESPACE_CHARS} characters over all levels.`)
  }
}

/** Whether this catalog can represent the name. A name that it cannot represent does not exist. */
export function isRepresentable(namespace: Namespace): boolean {
  return namespace.length > 0 && namespace.every((level) => level !== '' && !level.includes('.'))
}

/** The name as it appears in messages. */
export function labelOf({ namespace, table }: TableIdentifier): string {
  return `${toDottedName(namespace)}.${table}`
}
