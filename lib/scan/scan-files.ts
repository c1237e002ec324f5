import type { Value } from '@/lib/iceberg/schema/types'
import type { FileFormat } from './read/file-facts'
import type { DeleteFile } from './deletes/delete-file'

/** One file of an ordered scan. */
export type ScanFile = {
  path: string
  /** Parquet if left out. */
  fileFormat?: FileFormat
  fileSizeBytes: number
  recordCount: number
  /** Within the scan, deleted rows included: the sum of `recordCount` of the files before. */
  firstRowIndex: number
  sequenceNumber: number
  /** The row id of the first row, for row lineage; null if the file has none. */
  firstRowId?: string | null
  /** Values of identity partition fields by source field id; they replace columns that the file leaves out. */
  constants: ReadonlyMap<number, Value | null>
  /** The delete files that apply to it; none by default. */
  deletes?: readonly DeleteFile[]
}

/** The members of a file that the position of rows depends on. */
export type RowSpan = Pick<ScanFile, 'firstRowIndex' | 'recordCount' | 'deletes'>

/** The files of an ordered scan, which are found as their rows are needed. Rows include deleted ones. */
export type ScanFiles<File extends RowSpan = ScanFile> = {
  readonly rowCount: number
  /** The files that contain the rows, in order; `lastRow` is exclusive. */
  filesForRows(firstRow: number, lastRow: number, signal?: AbortSignal): Promise<readonly File[]>
}

/** Files that are all known, in the order of the scan. */
export function createScanFiles<File extends RowSpan>(files: readonly File[]): ScanFiles<File> {
  return {
    rowCount: files.reduce((sum, file) => sum + file.recordCount, 0),
    filesForRows: async (firstRow, lastRow) => filesWithRows(files, firstRow, lastRow),
  }
}

/** The files that contain the rows, from files in order. */
export function filesWithRows<File extends Pick<ScanFile, 'firstRowIndex' | 'recordCount'>>(
  files: readonly File[],
  firstRow: number,
  lastRow: number,
): File[] {
  return files.filter(
    ({ firstRowIndex, recordCount }) =>
      recordCount > 0 && firstRowIndex < lastRow && firstRowIndex + recordCount > firstRow,
  )
}
