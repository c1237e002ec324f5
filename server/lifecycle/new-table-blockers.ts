import 'server-only'
import type { NewTableBlocker } from '@/lib/contract/table/new-tables'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { newNameProblem } from '@/lib/names/new-name'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { isFound } from '@/server/catalog/is-found'
import { isNameTaken } from '@/server/catalog/is-name-taken'

/** Why no table or view can have the name; null if one can. A view is named as the table of its name. */
export async function nameBlocker(
  catalog: CatalogClient,
  kind: 'table' | 'view',
  identifier: TableIdentifier,
  signal: AbortSignal,
): Promise<NewTableBlocker | null> {
  const { namespace, table } = identifier
  const problem = newNameProblem(kind, table)
  if (problem !== null) return { part: 'name', message: problem }
  if (!(await isFound(() => catalog.loadNamespace(namespace, { signal }))))
    return { part: 'namespace', message: `There is no namespace ${namespaceLabel(namespace)}.` }
  try {
    if (!(await isNameTaken(catalog, identifier, signal))) return null
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-request') return { part: 'name', message: error.message }
    throw error
  }
  return { part: 'name', message: `There is already a table or view ${namespaceLabel(namespace)}.${table}.` }
}

/** Why no table of the name can be in the folder; null if one can, and when the catalog chooses. */
export async function locationBlocker(
  catalog: CatalogClient,
  identifier: TableIdentifier,
  location: string | null,
  signal: AbortSignal,
): Promise<NewTableBlocker | null> {
  if (location === null) return null
  return (await blockerOf('location', () => checkLocation(catalog, identifier, location, signal))).blocker
}

/** @throws {AppError} location-refused; already-exists, invalid-request for the folders of others */
export async function checkLocation(
  catalog: CatalogClient,
  identifier: TableIdentifier,
  location: string,
  signal: AbortSignal,
): Promise<void> {
  await catalog.checkNewFolders(identifier, { location, properties: {} }, { signal })
}

export async function blockerOf<Result>(
  part: NewTableBlocker['part'],
  check: () => Promise<Result>,
): Promise<{ blocker: NewTableBlocker | null; result: Result | null }> {
  try {
    return { blocker: null, result: await check() }
  } catch (error) {
    if (!(error instanceof AppError) || error.code.startsWith('database-')) throw error
    return { blocker: { part, message: error.message }, result: null }
  }
}
