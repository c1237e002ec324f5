import type { AppError } from '@/lib/errors'
import { movedRow, type ShrunkRows } from '@/lib/scan/live-rows'
import type { RowValue } from '@/lib/scan/read/row-values'
import { isUnreadable, type ShownValue, unreadableError } from '@/lib/scan/read/unreadable-cell'
import type { RowBatch } from '@/lib/scan/read-rows'
import { RowBlocks, type VisibleRows } from './row-blocks'

type Rows = { firstRow: number; lastRow: number }
type Failure = Rows & { error: AppError }

/** The state of the rows on screen and some around them: the values that were read, or why they cannot be read. */
export class KnownRows {
  readonly #blocks = new RowBlocks()
  #failures: Failure[] = []

  /** The value of a cell; undefined until it is read; the failure if its file, or its column there, cannot be read. */
  valueAt(row: number, fieldId: number): RowValue | null | undefined | AppError {
    const value = this.#blocks.valueAt(row, fieldId)
    if (isUnreadable(value)) return unreadableError(value)
    return value === undefined ? this.#failureOf({ firstRow: row, lastRow: row + 1 }) : value
  }

  /** The position of a row in its file; null until it is read. */
  positionAt(row: number): number | null {
    return this.#blocks.positionAt(row)
  }

  /** The indexes of the delete files that delete a row; none until it is read. */
  deletedByAt(row: number): readonly unknown[] {
    return this.#blocks.deletedByAt(row)
  }

  /** Adds rows that were read in one request, and drops those that were used least recently. */
  addRows(batches: readonly RowBatch<ShownValue>[], failures: readonly Failure[] = []): void {
    for (const batch of batches) this.#blocks.storeBatch(batch)
    this.#failures.push(...failures)
    this.#blocks.dropLeastRecent()
  }

  addFailure({ firstRow, lastRow }: Rows, error: AppError): void {
    this.#failures.push({ firstRow, lastRow, error })
  }

  /** Lets rows that failed, and cells that cannot be read, be read again. */
  clearFailures(): void {
    this.#failures = []
    this.#blocks.forgetUnreadable()
  }

  clear(): void {
    this.#blocks.clear()
    this.#failures = []
  }

  /** Whether some of the rows are missing because reading them failed. */
  hasFailed(rows: Rows | null): boolean {
    return rows !== null && this.#failureOf(rows) !== undefined
  }

  /** Why some of the rows are missing, otherwise why some of their cells are; null if none are. */
  problemOf(rows: VisibleRows | null): AppError | null {
    if (rows === null) return null
    const failure = this.#failureOf(rows)
    if (failure) return failure
    const cell = this.#blocks.findUnreadable(rows)
    return cell && unreadableError(cell)
  }

  /** The rows to read next, as {@link RowBlocks.findMissing}, without rows that failed. */
  findMissing(rows: VisibleRows, rowCount: number): VisibleRows | null {
    return this.#blocks.findMissing(
      rows,
      rowCount,
      (firstRow, lastRow) => this.#failureOf({ firstRow, lastRow }) !== undefined,
    )
  }

  /** Keeps the state of rows that moved up because others before them turned out to be deleted. */
  move(shrunk: readonly ShrunkRows[]): void {
    const [first] = shrunk
    if (!first) return
    for (const stored of this.#blocks.takeFrom(first.firstRow)) {
      this.#blocks.storeValue({ ...stored, row: movedRow(stored.row, shrunk) })
    }
    this.#failures = this.#failures.map(({ firstRow, lastRow, error }) => ({
      firstRow: movedRow(firstRow, shrunk),
      lastRow: movedRow(lastRow, shrunk),
      error,
    }))
  }

  #failureOf({ firstRow, lastRow }: Rows): AppError | undefined {
    return this.#failures.find((failure) => failure.firstRow < lastRow && failure.lastRow > firstRow)?.error
  }
}
