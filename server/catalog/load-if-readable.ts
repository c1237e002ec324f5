import 'server-only'
import type { InlineProblem } from '@/lib/contract/shapes/inline-problem'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable, LoadedView } from '@/server/catalog/port/loaded-table'

/** Failures to read the metadata of a table that the catalog has. */
const UNREADABLE: ReadonlySet<ErrorCode> = new Set([
  'file-missing',
  'file-damaged',
  'location-refused',
  'not-supported',
])

export function isUnreadable(error: unknown): error is AppError {
  return error instanceof AppError && UNREADABLE.has(error.code)
}

/** A table, or why its metadata cannot be read: such a table can still be renamed and dropped. */
export async function loadIfReadable(
  catalog: Pick<CatalogClient, 'loadTable'>,
  identifier: TableIdentifier,
  signal: AbortSignal,
): Promise<{ table: LoadedTable; problem: null } | { table: null; problem: InlineProblem }> {
  try {
    return { table: await catalog.loadTable(identifier, { signal }), problem: null }
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return { table: null, problem: { code: error.code, detail: error.message } }
  }
}

/** As {@link loadIfReadable}, for a view. */
export async function loadViewIfReadable(
  catalog: Pick<CatalogClient, 'loadView'>,
  identifier: ViewIdentifier,
  signal: AbortSignal,
): Promise<{ view: LoadedView; problem: null } | { view: null; problem: InlineProblem }> {
  try {
    return { view: await catalog.loadView(identifier, { signal }), problem: null }
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return { view: null, problem: { code: error.code, detail: error.message } }
  }
}
