import 'server-only'
import { AppError } from '@/lib/errors'
import { isProtected, PROTECTED_PROPERTY } from '@/lib/iceberg/properties/about'
import type { LoadedTable } from '@/server/catalog/catalog-client'

/** Why a table may not be dropped, renamed or unregistered; null if it may. */
export function protectionProblem({ metadata }: Pick<LoadedTable, 'metadata'>): string | null {
  return isProtected(metadata.properties)
    ? `The table is protected. Set ${PROTECTED_PROPERTY} to false or remove it first.`
    : null
}

/** @throws {AppError} invalid-request when the table is protected */
export function requireUnprotected(table: Pick<LoadedTable, 'metadata'>): void {
  const problem = protectionProblem(table)
  if (problem !== null) throw new AppError('invalid-request', problem, { facts: { protected: PROTECTED_PROPERTY } })
}
