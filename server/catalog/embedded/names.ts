import 'server-only'
import { AppError } from '@/lib/errors'
import type { Namespace, TableIdentifier } from '@/lib/iceberg/identifiers'
import { toDottedName } from '@/server/db/catalog/catalog-key'

/**
 * Names of the SQL catalog: a namespace is one column, its levels joined with dots, so a level that holds a dot
 * cannot be told from two levels. Names never become part of a path or a policy as they are: see `location`.
 */

/** The columns are VARCHAR(255) in Java's tables. */
const MAX_NAME_LENGTH = 255

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
        `The namespace level "${level}" holds a dot. This catalog joins levels with dots, so it would be read as several levels.`,
      )
    }
  }
  if (toDottedName(namespace).length > MAX_NAME_LENGTH) {
    throw new AppError('invalid-request', `A namespace has at most ${MAX_NAME_LENGTH} characters over all levels.`)
  }
}

/** Whether this catalog can hold the name at all; one it cannot hold is simply not there. */
export function isRepresentable(namespace: Namespace): boolean {
  return namespace.length > 0 && namespace.every((level) => level !== '' && !level.includes('.'))
}

/** For sentences. */
export function labelOf({ namespace, table }: TableIdentifier): string {
  return `${toDottedName(namespace)}.${table}`
}

function requireName(kind: 'namespace' | 'table', name: string): void {
  const reason = invalidNameReason(name)
  if (reason)
    throw new AppError('invalid-request', `${JSON.stringify(name)} cannot be the name of a ${kind}: ${reason}.`)
}

function invalidNameReason(name: string): string | null {
  if (name.trim() === '') return 'it is empty'
  if (name === '.' || name === '..') return 'it means a folder'
  if (name.length > MAX_NAME_LENGTH) return `it has more than ${MAX_NAME_LENGTH} characters`
  if (!name.isWellFormed()) return 'it is not valid Unicode'
  for (const character of name) {
    if (character < ' ' || (character >= '\x7F' && character <= '\x9F')) return 'it holds a control character'
  }
  return null
}
