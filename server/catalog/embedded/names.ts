import 'server-only'
import { AppError } from '@/lib/errors'
import type { Namespace, TableIdentifier } from '@/lib/iceberg/identifiers'
import { requireNewName } from '@/lib/iceberg/new-name'
import { toDottedName } from '@/server/db/catalog/catalog-key'

/**
 * Names of the SQL catalog. A namespace is one column with its levels joined by dots, so a level that contains a dot
 * would look like two levels. Names never go into a path or a policy unchanged: see `folderPath`.
 */

/** The columns are VARCHAR(255) in Java's tables. */
const MAX_NAME_CHARS = 255

/** @throws {AppError} invalid-request */
export function requireTableName(identifier: TableIdentifier): void {
  requireNamespaceName(identifier.namespace)
  requireName('table', identifier.table)
}

/** @throws {AppError} invalid-request */
export function requireNamespaceName(namespace: Namespace): void {
  if (namespace.length === 0) throw new AppError('invalid-request', 'A namespace has at least one level.')
  for (const level of namespace) {
    requireName('namespace', level)
    if (level.includes('.')) {
      throw new AppError(
        'invalid-request',
        `The namespace level "${level}" contains a dot. This catalog joins levels with dots, so it would be read as several levels.`,
      )
    }
  }
  if (toDottedName(namespace).length > MAX_NAME_CHARS) {
    throw new AppError('invalid-request', `A namespace has at most ${MAX_NAME_CHARS} characters over all levels.`)
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

function requireName(kind: 'namespace' | 'table', name: string): void {
  requireNewName(kind, name)
  if (name.length <= MAX_NAME_CHARS) return
  throw new AppError(
    'invalid-request',
    `${JSON.stringify(name)} cannot be the name of a ${kind}: it has more than ${MAX_NAME_CHARS} characters.`,
  )
}
