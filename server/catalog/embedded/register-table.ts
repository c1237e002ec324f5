import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { requireTableFits } from '@/lib/iceberg/size-limits'
import { insertRow, readTableRow, swapMetadata } from '@/server/db/catalog-rows'
import type { CommitOptions, LoadedTable } from '../catalog-client'
import { changeRows } from './change-rows'
import { checkMetadataLocations } from './check-locations'
import { requireNameIsFree, requireNewName } from './create-table'
import { loadTable, type Parts, requireRow } from './load-table'
import { requireNamespace } from './namespaces'
import { recordPlace, requireAdoptable } from './place'

/**
 * Takes a metadata file into the catalog as it is, unless it names a place that no commit may name. What manifests name
 * passes the location gate when it is read, so registering opens nothing that the warehouse does not hold.
 *
 * @throws {AppError} already-exists where the name is taken and `overwrite` is not asked for, and where the table's
 *   folders or the file are another table's; file-missing, file-damaged, forbidden for the metadata file;
 *   location-refused for what it names outside the warehouse
 */
export async function registerTable(
  parts: Parts,
  ref: TableRef,
  metadataLocation: string,
  { overwrite = false, alongside, signal }: CommitOptions & { overwrite?: boolean } = {},
): Promise<LoadedTable> {
  await requireNewName(parts, ref)
  const isThere = overwrite && (await readTableRow(parts.database, ref))?.isView === false
  if (!isThere) await requireNameIsFree(parts, ref, 'table')
  const metadata = await parts.metadataFiles.readTable(parts.store, metadataLocation, signal)
  checkMetadataLocations(parts.store, metadata)
  const after = { ref, metadataLocation, metadata, store: parts.store }
  const from = isThere ? (await requireRow(parts, ref, 'table')).metadataLocation : null
  if (from === metadataLocation) return after
  const before = from === null ? null : await readableTable(parts, ref, signal)
  requireTableFits(metadata, before?.metadata.properties)
  const judged = () => requireAdoptable(parts, ref, before?.metadata ?? null, after)
  const claim = await judged()
  const changes = [
    from === null
      ? insertRow(ref, metadataLocation, 'table', claim)
      : swapMetadata(ref, from, metadataLocation, 'table', claim),
    ...(await recordPlace(parts, ref, metadata, metadataLocation)),
  ]
  // No file is written: the one that is there stays when the registering fails.
  await changeRows(parts.database, changes, alongside?.({ before, after }), async () => {
    await requireNamespace(parts, ref.namespace)
    if (from === null) await requireNameIsFree(parts, ref, 'table')
    await judged()
  })
  return after
}

/** Null where its metadata cannot be read: then it is replaced because of that. */
async function readableTable(parts: Parts, ref: TableRef, signal?: AbortSignal): Promise<LoadedTable | null> {
  try {
    return await loadTable(parts, ref, signal)
  } catch (error) {
    if (error instanceof AppError && (error.code === 'file-missing' || error.code === 'file-damaged')) return null
    throw error
  }
}
