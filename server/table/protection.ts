import 'server-only'
import { AppError } from '@/lib/errors'
import { isProtected, PROTECTED_PROPERTY } from '@/lib/iceberg/properties/about'

export type Protectable = { metadata: { properties: Readonly<Record<string, string>> } }

/** Why a table or a view may not be dropped, renamed or unregistered; null if it may. */
export function protectionProblem({ metadata }: Protectable, kind: 'table' | 'view' = 'table'): string | null {
  return isProtected(metadata.properties)
    ? `The ${kind} is protected. Set ${PROTECTED_PROPERTY} to false or remove it first.`
    : null
}

/** @throws {AppError} invalid-request when the table or the view is protected */
export function requireUnprotected(entry: Protectable, kind: 'table' | 'view' = 'table'): void {
  const problem = protectionProblem(entry, kind)
  if (problem !== null) throw new AppError('invalid-request', problem, { facts: { protected: PROTECTED_PROPERTY } })
}
