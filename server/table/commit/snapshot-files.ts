import 'server-only'
import { AppError } from '@/lib/errors'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { ObjectStore } from '@/server/storage/object-store'
import { readLiveFiles } from '../files/live-files'
import type { ManifestCache } from '../manifest-cache'

type FileFacts = { recordCount: number; fileSizeBytes: number; isDelete: boolean }

export type FileFigures = { rowCount: number; dataFileCount: number; deleteFileCount: number; sizeBytes: number }

/** The live files of a snapshot by location, data and deletes. */
export async function readSnapshotFiles(
  manifestCache: ManifestCache,
  table: LoadedTable,
  snapshot: Snapshot,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<Map<string, FileFacts>> {
  const files = await readLiveFiles(manifestCache, table, snapshot, { store, signal })
  return new Map(
    files.map(({ dataFile }): [string, FileFacts] => [
      dataFile.filePath,
      {
        recordCount: dataFile.recordCount,
        fileSizeBytes: dataFile.fileSizeBytes,
        isDelete: dataFile.content !== 'data',
      },
    ]),
  )
}

/** Counts the rows of the data files, before deletes apply. */
export function figuresOf(files: readonly FileFacts[]): FileFigures {
  const figures = { rowCount: 0, dataFileCount: 0, deleteFileCount: 0, sizeBytes: 0 }
  for (const { isDelete, recordCount, fileSizeBytes } of files) {
    figures.sizeBytes += fileSizeBytes
    if (isDelete) figures.deleteFileCount += 1
    else {
      figures.dataFileCount += 1
      figures.rowCount += recordCount
    }
  }
  return figures
}

/** @throws {AppError} not-found */
export function snapshotById(metadata: TableMetadata, snapshotId: string): Snapshot {
  const found = metadata.snapshots.find((snapshot) => snapshot.snapshotId === snapshotId)
  if (found) return found
  throw new AppError('not-found', `The table has no snapshot ${snapshotId}.`, { facts: { snapshotId } })
}
