import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { requireTableFits } from '@/lib/iceberg/size-limits'
import type { CommitOptions, LoadedTable } from '../catalog-client'
import { changeRows } from './change-rows'
import { requireNameIsFree, requireNewName } from './create-table'
import { loadTable, type Parts, requireRow } from './load-table'
import { readMetadataFile } from './metadata-files'
import { requireNamespace } from './namespaces'
import { recordPlace, requireAdoptable } from './place'
import { insertRow, readTableRow, swapMetadata } from './rows'

/**
 * Takes a metadata file into the catalog as it is. The file and all that it names must pass the location gate when
 * they are read, so registering opens nothing that the warehouse does not hold.
 *
 * @throws {AppError} already-exists where the name is taken and `overwrite` is not asked for, and where the table's
 *   folders or the file are another table's; file-missing, file-damaged, forbidden for the metadata file
 */
export async function registerTable(
  parts: Parts,
  ref: TableRef,
  metadataLocation: string,
  { overwrite = false, alongside, signal }: CommitOptions & { overwrite?: boolean } = {},
): Promise<LoadedTable> {
  requireNewName(parts, ref)
  const isThere = overwrite && readTableRow(parts.database, ref)?.isView === false
  if (!isThere) requireNameIsFree(parts, ref, 'table')
  const metadata = await readMetadataFile(parts.store, metadataLocation, signal)
  parts.store.checkLocation(metadata.location)
  const after = { ref, metadataLocation, metadata, store: parts.store }
  const from = isThere ? requireRow(parts, ref, 'table').metadataLocation : null
  if (from === metadataLocation) return after
  const before = from === null ? null : await readableTable(parts, ref, signal)
  requireTableFits(metadata, before?.metadata.properties)
  const judged = () => requireAdoptable(parts, ref, before?.metadata ?? null, after)
  const free = judged()
  const statements = [
    from === null
      ? insertRow(ref, metadataLocation, 'table', free)
      : swapMetadata(ref, from, metadataLocation, 'table', free),
    ...recordPlace(parts, ref, metadata, metadataLocation),
  ]
  // No file is written: the one that is there stays when the registering fails.
  await changeRows(parts.database, statements, alongside?.({ before, after }), () => {
    requireNamespace(parts, ref.namespace)
    if (from === null) requireNameIsFree(parts, ref, 'table')
    judged()
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
