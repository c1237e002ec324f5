import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { enforceTableLimits } from '@/lib/iceberg/commit/size-limits'
import { readTableRow } from '@/server/db/catalog/table-rows'
import type { CatalogWrite, WriteOptions } from '../port/catalog-write'
import { gateFormat } from '../format-gate'
import type { LoadedTable } from '../port/loaded-table'
import { checkMetadataLocations } from './check-locations'
import { loadTable, type EmbeddedCatalogDeps, requireRow } from './load-table'
import { requireNameIsFree, requireValidName } from './new-names'
import { registerMetadata } from './register-metadata'

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
  { table: identifier, metadataLocation, overwrite = false }: CatalogWrite<'register-table'>,
  { alongside, signal }: WriteOptions<'register-table'>,
): Promise<LoadedTable> {
  await requireValidName(deps, identifier, 'table')
  const isReplacement = overwrite && (await readTableRow(deps.database, identifier))?.isView === false
  if (!isReplacement) await requireNameIsFree(deps, identifier, 'table')
  const metadata = await deps.metadataFiles.readTable(deps.store, metadataLocation, signal)
  checkMetadataLocations(deps.store, metadata)
  const after = gateFormat({ identifier, metadataLocation, metadata, store: deps.store })
  const previousLocation = isReplacement ? (await requireRow(deps, identifier, 'table')).metadataLocation : null
  if (previousLocation === metadataLocation) return after
  const before = previousLocation === null ? null : await loadIfReadable(deps, identifier, signal)
  enforceTableLimits(metadata, before?.metadata.properties)
  const replaced =
    previousLocation === null ? null : { metadataLocation: previousLocation, locations: before && before.metadata }
  await registerMetadata(
    deps,
    { identifier, kind: 'table', replaced, metadata, metadataLocation },
    alongside?.({ before, after }),
  )
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
