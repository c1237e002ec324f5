import { knownDeletedCount } from './deletes/delete-file'
import type { RowSpan, ScanFile, ScanFiles } from './scan-files'

/** A file and the position of its rows among the rows that are not deleted. */
export type LiveFile<File extends RowSpan = ScanFile> = { file: File; firstLiveRow: number; liveRowCount: number }

/** The files of a scan by rows that are not deleted. */
export type LiveFiles<File extends RowSpan = ScanFile> = {
  /** Number of rows that are not known to be deleted. */
  readonly rowCount: number
  /** The files that contain the rows, in order; `lastRow` is exclusive. Fewer when there are not so many rows. */
  filesForRows(firstRow: number, lastRow: number, signal?: AbortSignal): Promise<readonly LiveFile<File>[]>
}

/** How many rows of each file are deleted, in the order of the files. */
export type CountDeleted<File> = (files: readonly File[], signal?: AbortSignal) => Promise<readonly number[]>

/** Rows of a file that turned out to be deleted: `deletedCount` of the `rowCount` rows from `firstRow` on. */
export type ShrunkRows = { firstRow: number; rowCount: number; deletedCount: number }

/** Where a row is after rows moved, see {@link LiveRows}. */
export function movedRow(row: number, shrunk: readonly ShrunkRows[]): number {
  let deletedBefore = 0
  for (const { firstRow, rowCount, deletedCount } of shrunk) {
    if (row < firstRow) break
    // The positions of deleted rows in the file are not known here: the last rows are taken for deleted.
    deletedBefore += Math.max(0, Math.min(deletedCount, row - (firstRow + rowCount - deletedCount) + 1))
  }
  return Math.max(0, row - deletedBefore)
}

/** The files of a scan by all their rows, deleted ones too. */
export function createAllRows<File extends RowSpan>(files: ScanFiles<File>): LiveFiles<File> {
  return {
    rowCount: files.rowCount,
    filesForRows: async (firstRow, lastRow, signal) => {
      const found = await files.filesForRows(firstRow, lastRow, signal)
      return found.map((file) => ({ file, firstLiveRow: file.firstRowIndex, liveRowCount: file.recordCount }))
    },
  }
}

/** A file whose deleted rows were counted. */
type CountedFile = { start: number; end: number; deletedCount: number }

/**
 * Numbers the rows of a scan that are not deleted. How many rows a delete file deletes is often known only when it has
 * been read, so a file counts with all its rows until its deletes are counted, which happens before any of its rows is
 * read. The rows behind it then move up.
 */
export class LiveRows<File extends RowSpan> implements LiveFiles<File> {
  readonly #files: ScanFiles<File>
  readonly #countDeleted: CountDeleted<File>
  readonly #onShrink: (shrunk: readonly ShrunkRows[]) => void
  /** In order, without files that have no deleted rows. */
  #counted: CountedFile[] = []
  /** Number of deleted rows in the first n of them. */
  #deletedBefore: number[] = [0]
  /** The starts of all files whose deletes were counted. */
  readonly #countedStarts = new Set<number>()

  /** @param onShrink is called after rows moved, with the files in order and positions from before */
  constructor(
    files: ScanFiles<File>,
    countDeleted: CountDeleted<File>,
    onShrink: (shrunk: readonly ShrunkRows[]) => void = () => undefined,
  ) {
    this.#files = files
    this.#countDeleted = countDeleted
    this.#onShrink = onShrink
  }

  get rowCount(): number {
    return this.#files.rowCount - (this.#deletedBefore.at(-1) ?? 0)
  }

  async filesForRows(firstRow: number, lastRow: number, signal?: AbortSignal): Promise<LiveFile<File>[]> {
    for (;;) {
      const end = Math.min(lastRow, this.rowCount)
      if (firstRow >= end) return []
      const files = await this.#files.filesForRows(this.#scanRow(firstRow), this.#scanRow(end - 1) + 1, signal)
      if (await this.count(files, signal)) continue
      const placed = files.map((file) => this.locate(file))
      return placed.filter(
        ({ firstLiveRow, liveRowCount }) =>
          liveRowCount > 0 && firstLiveRow < end && firstLiveRow + liveRowCount > firstRow,
      )
    }
  }

  /** Counts the deletes of files, in their order. @returns whether any were not counted before */
  async count(files: readonly File[], signal?: AbortSignal): Promise<boolean> {
    const isUncounted = ({ firstRowIndex, deletes = [] }: File) =>
      deletes.length > 0 && !this.#countedStarts.has(firstRowIndex)
    const uncounted = files.filter(isUncounted)
    if (uncounted.length === 0) return false
    const unknown = uncounted.filter(({ deletes = [] }) => knownDeletedCount(deletes) === null)
    const counts = unknown.length === 0 ? [] : await this.#countDeleted(unknown, signal)
    const counted = new Map(unknown.map((file, i) => [file, counts[i] ?? 0]))
    // They may have been counted for another caller in the meantime.
    this.#add(
      uncounted.filter(isUncounted).map((file) => ({
        start: file.firstRowIndex,
        end: file.firstRowIndex + file.recordCount,
        deletedCount: Math.min(file.recordCount, counted.get(file) ?? knownDeletedCount(file.deletes ?? []) ?? 0),
      })),
    )
    return true
  }

  /** The position of a file whose deletes were counted. */
  locate(file: File): LiveFile<File> {
    const index = this.#indexAt(file.firstRowIndex)
    const own = this.#counted[index]
    const deletedCount = own?.start === file.firstRowIndex ? own.deletedCount : 0
    return {
      file,
      firstLiveRow: file.firstRowIndex - (this.#deletedBefore[index] ?? 0),
      liveRowCount: file.recordCount - deletedCount,
    }
  }

  /** A row of the scan that is in the same file as a row that is not deleted. */
  scanRowInFile(row: number): number {
    return this.#scanRow(row)
  }

  #add(files: readonly CountedFile[]): void {
    const shrunk = files.flatMap(({ start, end, deletedCount }): ShrunkRows[] => {
      const firstRow = start - (this.#deletedBefore[this.#indexAt(start)] ?? 0)
      return deletedCount === 0 ? [] : [{ firstRow, rowCount: end - start, deletedCount }]
    })
    for (const { start } of files) this.#countedStarts.add(start)
    if (shrunk.length === 0) return
    const added = files.filter(({ deletedCount }) => deletedCount > 0)
    const isAfter = (this.#counted.at(-1)?.start ?? -1) < (added[0]?.start ?? 0)
    this.#counted.push(...added)
    if (!isAfter) this.#counted.sort((a, b) => a.start - b.start)
    let deleted = isAfter ? (this.#deletedBefore.at(-1) ?? 0) : 0
    const from = isAfter ? this.#deletedBefore.length - 1 : 0
    this.#deletedBefore.length = from + 1
    for (const { deletedCount } of this.#counted.slice(from)) this.#deletedBefore.push((deleted += deletedCount))
    this.#onShrink(shrunk.toSorted((a, b) => a.firstRow - b.firstRow))
  }

  /** Index of the first counted file that starts at or after a row of the scan. */
  #indexAt(scanRow: number): number {
    return firstIndex(this.#counted.length, (index) => (this.#counted[index]?.start ?? 0) >= scanRow)
  }

  /**
   * Deleted rows are at the ends of their files as far as this position says: only reading a file shows which of its
   * rows are deleted.
   */
  #scanRow(row: number): number {
    // Files that end before the row. Where files end grows with their order.
    const endsBefore = firstIndex(this.#counted.length, (index) => {
      return (this.#counted[index]?.end ?? 0) - (this.#deletedBefore[index + 1] ?? 0) > row
    })
    return row + (this.#deletedBefore[endsBefore] ?? 0)
  }
}

/** The first index below `length` for which the test holds, if it holds for all after it; otherwise `length`. */
function firstIndex(length: number, test: (index: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (test(middle)) high = middle
    else low = middle + 1
  }
  return low
}
