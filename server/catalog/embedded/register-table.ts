import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { enforceTableLimits } from '@/lib/iceberg/commit/size-limits'
import { insertRow, readTableRow, swapMetadata } from '@/server/db/catalog/table-rows'
import type { CommitOptions, LoadedTable } from '../catalog-client'
import { changeRows } from './change-rows'
import { checkMetadataLocations } from './check-locations'
import { requireNameIsFree, requireValidName } from './create-table'
import { loadTable, type EmbeddedCatalogDeps, requireRow } from './load-table'
import { requireNamespace } from './namespaces'
import { planFolderRecords, requireRegistrable } from './folders/folder-ownership'

/**
 * Adds a metadata file to the catalog unchanged, unless it names a location that no commit may name. The location gate
 * checks the files in manifests when they are read, so registering gives no access outside the warehouse.
 *
 * @throws {AppError} already-exists when the name is taken and `overwrite` is false, and when another table owns the
 *   folders or the file; file-missing, file-damaged, forbidden for the metadata file; location-refused for a location
 *   outside the warehouse in it
 */
export async function registerTable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  metadataLocation: string,
  { overwrite = false, alongside, signal }: CommitOptions & { overwrite?: boolean } = {},
): Promise<LoadedTable> {
  await requireValidName(deps, identifier)
  const isReplacement = overwrite && (await readTableRow(deps.database, identifier))?.isView === false
  if (!isReplacement) await requireNameIsFree(deps, identifier, 'table')
  const metadata = await deps.metadataFiles.readTable(deps.store, metadataLocation, signal)
  checkMetadataLocations(deps.store, metadata)
  const after = { identifier, metadataLocation, metadata, store: deps.store }
  const previousLocation = isReplacement ? (await requireRow(deps, identifier, 'table')).metadataLocation : null
  if (previousLocation === metadataLocation) return after
  const before = previousLocation === null ? null : await loadIfReadable(deps, identifier, signal)
  enforceTableLimits(metadata, before?.metadata.properties)
  const claimFolders = () => requireRegistrable(deps, identifier, before?.metadata ?? null, after)
  const claim = await claimFolders()
  const changes = [
    previousLocation === null
      ? insertRow(identifier, metadataLocation, 'table', claim)
      : swapMetadata(identifier, previousLocation, metadataLocation, 'table', claim),
    ...(await planFolderRecords(deps, identifier, metadata, metadataLocation)),
  ]
  // Registering writes no file, so there is nothing to remove when it fails.
  await changeRows(deps.database, changes, alongside?.({ before, after }), async () => {
    await requireNamespace(deps, identifier.namespace)
    if (previousLocation === null) await requireNameIsFree(deps, identifier, 'table')
    await claimFolders()
  })
  return after
}

/** Returns null when the metadata cannot be read, which may be the reason for the replacement. */
async function loadIfReadable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  signal?: AbortSignal,
): Promise<LoadedTable | null> {
  try {
    return await loadTable(deps, identifier, signal)
  } catch (error) {
    if (error instanceof AppError && (error.code === 'file-missing' || error.code === 'file-damaged')) return null
    throw error
  }
}
