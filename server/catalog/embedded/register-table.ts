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
 * Takes a metadata file into the catalog as it is, unless it names a place that no commit may name. What manifests name
 * passes the location gate when it is read, so registering opens nothing that the warehouse does not hold.
 *
 * @throws {AppError} already-exists where the name is taken and `overwrite` is not asked for, and where the table's
 *   folders or the file are another table's; file-missing, file-damaged, forbidden for the metadata file;
 *   location-refused for what it names outside the warehouse
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
  // No file is written: the one that is there stays when the registering fails.
  await changeRows(deps.database, changes, alongside?.({ before, after }), async () => {
    await requireNamespace(deps, identifier.namespace)
    if (previousLocation === null) await requireNameIsFree(deps, identifier, 'table')
    await claimFolders()
  })
  return after
}

/** Null where its metadata cannot be read: then it is replaced because of that. */
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
