import 'server-only'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { StagedFile } from './staged-file'

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
