import 'server-only'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { StagedFile } from './staged-file'

/** How the names of data files begin. Characters that are special in a path or a URL are not used. */
export function dataFileStem(table: string, writtenAtMs: number): string {
  const day = new Date(writtenAtMs).toISOString().slice(0, 10).replaceAll('-', '')
  return `${table.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60)}_data_${day}`
}

/**
 * A staged file as its manifest will describe it.
 *
 * @param layout `sortOrderId`: 0 if its rows are not sorted
 */
export function toDataFile(
  file: StagedFile,
  filePath: string,
  { specId, sortOrderId }: { specId: number; sortOrderId: number },
): DataFile {
  return {
    content: 'data',
    filePath,
    fileFormat: 'parquet',
    specId,
    partition: file.partition,
    recordCount: file.recordCount,
    fileSizeBytes: file.fileSizeBytes,
    sortOrderId,
    equalityIds: null,
    splitOffsets: file.splitOffsets,
    referencedDataFile: null,
    contentOffset: null,
    contentSizeBytes: null,
    firstRowId: null,
    metrics: file.metrics,
  }
}
