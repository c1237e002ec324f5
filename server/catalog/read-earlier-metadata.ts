import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from './catalog-client'
import type { MetadataFiles } from './metadata-files'

/** Metadata that a commit replaced, read from its file; null where the file is gone. @throws {AppError} as a load */
export async function readEarlierMetadata(
  metadataFiles: MetadataFiles,
  { store }: Pick<LoadedTable, 'store'>,
  metadataLocation: string,
  signal: AbortSignal,
): Promise<TableMetadata | null> {
  try {
    // The store says whether it is there, not what was read before.
    await store.sizeBytes(metadataLocation, { signal })
    return await metadataFiles.readTable(store, metadataLocation, signal)
  } catch (error) {
    if (error instanceof AppError && error.code === 'file-missing') return null
    throw error
  }
}
