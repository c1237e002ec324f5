import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { deleteFileBytes } from '@/lib/scan/deletes/delete-file'
import { rowGroupSize } from './estimate'
import type { FooterCache } from './footer-cache'
import type { LoadableFile } from './decode-messages'
import type { TableScan } from './table-scan'

/** The rows of a sample: the first ones of the table. */
const MAX_SAMPLE_ROWS = 10_000
/** Small files are not opened one after another until there are enough rows. */
const MAX_SAMPLE_FILES = 16
/** Stored bytes of the row groups with these rows, of the columns that a preview needs. */
const MAX_SAMPLE_BYTES = 8 * 1024 * 1024
const MAX_DECODED_SAMPLE_BYTES = 64 * 1024 * 1024

/**
 * The first rows of a table, as a table of its own: it is planned and cached like one.
 *
 * @param label the name of the table, for people
 */
export function toSampleScan(scan: TableScan, label: string): TableScan {
  return {
    ...scan,
    key: `${scan.key}\nsample`,
    sample: { label, maxRows: MAX_SAMPLE_ROWS, maxBytes: MAX_DECODED_SAMPLE_BYTES },
    files: { ...scan.files, list: (signal) => takeFirst(scan.files.list(signal), MAX_SAMPLE_FILES) },
  }
}

/** Whether a sample with this many rows is the whole table. */
export function isWholeTable(scan: TableScan, sampleRowCount: number): boolean {
  // A metadata table only estimates its rows.
  if (scan.metadataRows) return sampleRowCount < MAX_SAMPLE_ROWS
  return scan.rowCount <= MAX_SAMPLE_ROWS && scan.fileCount <= MAX_SAMPLE_FILES
}

/** @throws {AppError} too-large, when loading columns of a sample reads more than a preview may */
export async function requireSmallSample(
  scan: TableScan,
  columns: readonly NestedField[],
  footers: FooterCache,
  signal: AbortSignal,
): Promise<void> {
  if (scan.metadataRows || columns.length === 0) return
  let rows = 0
  let storedBytes = 0
  let decodedBytes = 0
  for await (const file of scan.files.list(signal)) {
    if (rows >= MAX_SAMPLE_ROWS) break
    storedBytes += file.deletes.reduce((sum, each) => sum + deleteFileBytes(each), 0)
    const footer = await footers.read(scan, file, signal)
    for (const group of footer.rowGroups) {
      if (rows >= MAX_SAMPLE_ROWS) break
      const size = rowGroupSize(group, columns)
      rows += group.rowCount
      storedBytes += size.storedBytes
      decodedBytes += size.decodedBytes
    }
    requireAtMost(MAX_SAMPLE_BYTES, storedBytes, scan, 'to read')
    requireAtMost(MAX_DECODED_SAMPLE_BYTES, decodedBytes, scan, 'in memory')
  }
}

function requireAtMost(limitBytes: number, bytes: number, { sample }: TableScan, what: string): void {
  if (bytes <= limitBytes) return
  throw new AppError(
    'too-large',
    `The first rows of ${sample?.label ?? 'the table'} take ${formatBytes(bytes)} ${what} in these columns, and those of a preview at most ${formatBytes(limitBytes)}.`,
  )
}

async function* takeFirst(files: AsyncIterable<LoadableFile>, count: number): AsyncGenerator<LoadableFile, void> {
  let taken = 0
  for await (const file of files) {
    yield file
    taken += 1
    if (taken === count) return
  }
}
