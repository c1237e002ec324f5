import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import type { LiveFile, LiveFiles, LiveRows } from '@/lib/scan/live-rows'
import type { ReadCost } from '@/lib/scan/data-files'
import type { SortDirection } from '@/lib/scan/sort/sort-keys'
import type { ListedFile } from '@/lib/api/listed-files'
import type { RowSort } from './row-worker'

export type RowOrder = SortDirection & { fieldId: number }

/** More rows are not sorted here. */
export const MAX_SORTED_ROWS = 5_000_000
/** The user has to confirm before a column of files with more bytes is read. */
export const MAX_UNASKED_SORT_BYTES = 100 * 1024 * 1024
/** Rows read between two reports of progress; a cancelled sort ends after so many. */
const ROWS_PER_STEP = 100_000

/**
 * Reads one column of all rows of a scan and puts the rows in its order.
 *
 * @param options.live counts deleted rows; null if they are shown
 * @returns the rows in order
 * @throws {AppError} of reading; cancelled
 */
export async function sortRows({
  rowCount,
  files,
  live,
  sort,
  order: { fieldId, isDescending, areNullsFirst },
  onProgress,
  signal,
}: {
  /** Deleted rows included. */
  rowCount: number
  files: { filesFrom: (row: number, signal: AbortSignal) => Promise<readonly ListedFile[]> }
  live: LiveRows<ListedFile> | null
  sort: RowSort
  order: RowOrder
  onProgress: (readRows: number, cost: ReadCost) => void
  signal: AbortSignal
}): Promise<Uint32Array> {
  let addedRows = 0
  for (let scanRow = 0; scanRow < rowCount; ) {
    const listed = await files.filesFrom(scanRow, signal)
    await live?.count(listed, signal)
    const placed = listed.map((file) => live?.locate(file) ?? toWholeFile(file))
    for (const step of toSteps(placed, addedRows)) {
      signal.throwIfAborted()
      const { cost } = await sort.addRows({ ...step, fieldIds: [fieldId] }, signal)
      addedRows = step.lastRow
      onProgress(addedRows, cost)
    }
    const last = listed.at(-1)
    scanRow = last ? last.firstRowIndex + last.recordCount : rowCount
  }
  return await sort.end({ isDescending, areNullsFirst }, signal)
}

/**
 * Reads one column of all rows that pass a filter and puts the rows in its order.
 *
 * @returns the rows in order, counted among the rows that pass
 * @throws {AppError} too-large for more rows than are sorted here; of reading; cancelled
 */
export async function sortMatches({
  matchCount,
  sort,
  order: { fieldId, isDescending, areNullsFirst },
  onProgress,
  signal,
}: {
  matchCount: number
  sort: RowSort
  order: RowOrder
  onProgress: (readRows: number, cost: ReadCost) => void
  signal: AbortSignal
}): Promise<Uint32Array> {
  requireSortable(matchCount)
  if (matchCount === 0) return new Uint32Array()
  for (let firstRow = 0; firstRow < matchCount; firstRow += ROWS_PER_STEP) {
    signal.throwIfAborted()
    const lastRow = Math.min(matchCount, firstRow + ROWS_PER_STEP)
    const { cost } = await sort.addRows({ firstRow, lastRow, fieldIds: [fieldId], files: [] }, signal)
    onProgress(lastRow, cost)
  }
  return await sort.end({ isDescending, areNullsFirst }, signal)
}

/** @throws {AppError} too-large */
export function requireSortable(matchCount: number): void {
  if (matchCount <= MAX_SORTED_ROWS) return
  const limit = formatCount(MAX_SORTED_ROWS)
  throw new AppError('too-large', `More than ${limit} rows pass the filter, and no more are sorted here.`)
}

function toWholeFile(file: ListedFile): LiveFile<ListedFile> {
  return { file, firstLiveRow: file.firstRowIndex, liveRowCount: file.recordCount }
}

/** Some rows at a time, with the files that contain them. */
function* toSteps(files: readonly LiveFile<ListedFile>[], firstRow: number) {
  const last = files.at(-1)
  const end = last ? last.firstLiveRow + last.liveRowCount : firstRow
  for (let from = firstRow; from < end; from += ROWS_PER_STEP) {
    const to = Math.min(end, from + ROWS_PER_STEP)
    yield { firstRow: from, lastRow: to, files: filesBetween(files, from, to) }
  }
}

function filesBetween(files: readonly LiveFile<ListedFile>[], firstRow: number, lastRow: number) {
  return files.filter(
    ({ firstLiveRow, liveRowCount }) => firstLiveRow < lastRow && firstLiveRow + liveRowCount > firstRow,
  )
}

/** The files of rows that are anywhere in a scan. */
export async function filesOfRows(
  rows: readonly number[],
  files: LiveFiles<ListedFile>,
  signal: AbortSignal,
): Promise<LiveFile<ListedFile>[]> {
  const found: LiveFile<ListedFile>[] = []
  for (const row of rows) {
    const last = found.at(-1)
    if (last && row < last.firstLiveRow + last.liveRowCount) continue
    found.push(...(await files.filesForRows(row, row + 1, signal)))
  }
  return found
}
