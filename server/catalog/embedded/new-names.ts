import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readTableRow, type RowKind } from '@/server/db/catalog/table-rows'
import type { TableLocations } from '../folders/table-folders'
import { checkLocationProperties } from './check-locations'
import { requireFreeFolders } from './folders/folder-ownership'
import type { EmbeddedCatalogDeps } from './load-table'
import { labelOf, requireEntryName } from './names'
import { requireNamespace } from './namespaces'

/** Whether a new table or view may have its name. A view is named here as the table of its name. */

/**
 * @throws {AppError} as {@link requireValidName} and {@link requireNameIsFree}; location-refused for a location outside
 *   the warehouse in the properties
 */
export async function requireCreatable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  kind: RowKind,
  properties: Readonly<Record<string, string>>,
): Promise<void> {
  await requireValidName(deps, identifier, kind)
  await requireNameIsFree(deps, identifier, kind)
  checkLocationProperties(deps.store, properties)
}

/** @throws {AppError} location-refused; otherwise as {@link requireFreeFolders} */
export async function checkNewFolders(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  locations: TableLocations,
): Promise<void> {
  deps.store.checkLocation(locations.location)
  checkLocationProperties(deps.store, locations.properties)
  await requireFreeFolders(deps, identifier, null, locations)
}

/** Why a table or view could not be created although {@link requireCreatable} accepted it: another writer was first. */
export async function explainFailedCreate(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  kind: RowKind,
  metadata: TableLocations,
): Promise<unknown> {
  try {
    await requireNamespace(deps, identifier.namespace)
    await requireNameIsFree(deps, identifier, kind)
    await requireFreeFolders(deps, identifier, null, metadata)
  } catch (error) {
    return error
  }
  return new AppError(
    'commit-conflict',
    `Another writer created and removed ${labelOf(identifier)} at the same time. Nothing was changed; try again.`,
  )
}

/** @throws {AppError} invalid-request for an invalid name, not-found for a catalog or namespace that does not exist */
export async function requireValidName(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  kind: RowKind,
): Promise<void> {
  requireEntryName(kind, identifier)
  if (identifier.catalog !== deps.name)
    throw new AppError('not-found', `There is no catalog named ${identifier.catalog} that you may see.`)
  await requireNamespace(deps, identifier.namespace)
}

/** @throws {AppError} already-exists */
export async function requireNameIsFree(
  { database }: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  kind: RowKind,
): Promise<void> {
  const existing = await readTableRow(database, identifier)
  if (!existing) return
  const kindLabel = existing.isView ? 'View' : 'Table'
  const isOtherKind = existing.isView !== (kind === 'view')
  throw new AppError(
    'already-exists',
    `${kindLabel}${isOtherKind ? ' with same name' : ''} already exists: ${labelOf(identifier)}`,
  )
}
