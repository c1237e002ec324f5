import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from './port/loaded-table'
import type { MetadataFiles } from './metadata-files'

/**
 * Reads metadata that a commit replaced from its file; null if the file was deleted. @throws {AppError} as `readTable`
 */
export async function readEarlierMetadata(
  metadataFiles: MetadataFiles,
  { store }: Pick<LoadedTable, 'store'>,
  metadataLocation: string,
  signal: AbortSignal,
): Promise<TableMetadata | null> {
  try {
    // Checks the store and not the cache, because the file may have been removed.
    await store.sizeBytes(metadataLocation, { signal })
    return await metadataFiles.readTable(store, metadataLocation, signal)
  } catch (error) {
    if (error instanceof AppError && error.code === 'file-missing') return null
    throw error
  }
}

/** Whether a file is known to be gone. One that only the catalog may read is not: the catalog reports it if it is missing. */
export async function isFileMissing(
  { store }: Pick<LoadedTable, 'store'>,
  location: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await store.sizeBytes(location, { signal })
    return false
  } catch (error) {
    if (error instanceof AppError && !signal.aborted) return error.code === 'file-missing'
    throw error
  }
}
