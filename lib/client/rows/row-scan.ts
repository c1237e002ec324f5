import { addDefaults } from '@/lib/api/planned-defaults'
import type { ListedFile } from '@/lib/api/listed-files'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ReadCost } from '@/lib/scan/data-files'
import { createAllRows, type LiveFiles, LiveRows, type ShrunkRows } from '@/lib/scan/live-rows'
import { DeletedRowCounter } from './deleted-row-counter'
import { FilePages, type ListFiles } from './file-pages'
import { readSortedRows } from './read-sorted-rows'
import type { VisibleRows } from './row-blocks'
import type { SortRows } from './row-sorting'
import type { OpenScan, RowsResult, RowWorker } from './row-worker'
import { type RowOrder, sortRows } from './sort-rows'

type RowScanOptions = {
  fields: readonly NestedField[]
  listFiles: ListFiles | undefined
  showsDeleted: boolean
  /** Is called when rows turn out to be deleted, with where the rows after them move. */
  onShrink: (shrunk: readonly ShrunkRows[]) => void
  /** Is called after deleted rows were counted. */
  onCost: (cost: ReadCost) => void
}

/**
 * A scan without a filter, which the worker opens when it is first needed. Its rows are numbered in the order of the
 * files: the rows that are not deleted as far as they are counted, or all of them.
 */
export class RowScan {
  readonly #worker: RowWorker
  readonly #options: RowScanOptions
  #plan: SignedScanPlan
  #files: FilePages
  #opened: OpenScan | null = null
  readonly #rows: LiveFiles<ListedFile>
  /** Null if deleted rows are shown. */
  readonly #live: LiveRows<ListedFile> | null
  /** Null if deleted rows are shown. */
  readonly #deletedRows: DeletedRowCounter | null

  constructor(worker: RowWorker, plan: SignedScanPlan, options: RowScanOptions) {
    this.#worker = worker
    this.#plan = plan
    this.#options = options
    this.#files = new FilePages(plan, options.listFiles)
    const { rowCount } = plan
    // The next plan of the same snapshot brings other pages.
    const files = {
      rowCount,
      filesForRows: (firstRow: number, lastRow: number, signal?: AbortSignal) =>
        this.#files.filesForRows(firstRow, lastRow, signal),
    }
    this.#live = options.showsDeleted
      ? null
      : new LiveRows<ListedFile>(
          files,
          (uncounted, signal) => this.#countDeleted(uncounted, signal),
          (shrunk) => options.onShrink(shrunk),
        )
    this.#deletedRows = this.#live && new DeletedRowCounter(this.#live, rowCount)
    this.#rows = this.#live ?? createAllRows(files)
  }

  /** Without the rows that are known to be deleted, unless those are shown. */
  get rowCount(): number {
    return this.#rows.rowCount
  }

  /** The file of a row; null until it is listed. */
  fileOf(row: number): ListedFile | null {
    return this.#files.findFile(this.#live?.scanRowInFile(row) ?? row)
  }

  /** @param order the row for each row on screen; null in the order of the scan */
  async readRows(range: VisibleRows, order: Uint32Array | null, signal: AbortSignal): Promise<RowsResult> {
    if (order) return await readSortedRows({ order, files: this.#rows, scan: this.#open() }, range, signal)
    const files = await this.#rows.filesForRows(range.firstRow, range.lastRow, signal)
    signal.throwIfAborted()
    // Counting the deletes of these files may have shown that there are fewer rows.
    const lastRow = Math.max(range.firstRow, Math.min(range.lastRow, this.rowCount))
    return await this.#open().readRows({ ...range, lastRow, files }, signal)
  }

  /** Reads a column of all rows and puts them in its order. Deleted rows are then counted. */
  async sort(order: RowOrder, { onProgress, signal }: Parameters<SortRows>[0]): Promise<Uint32Array> {
    const { rowCount } = this.#plan
    const [files, live] = [this.#files, this.#live]
    const sort = this.#open().startSort(rowCount)
    try {
      const sorted = await sortRows({ rowCount, files, live, sort, order, onProgress, signal })
      signal.throwIfAborted()
      this.#deletedRows?.finish()
      return sorted
    } catch (error) {
      sort.release()
      throw error
    }
  }

  /** Lets the counting of deleted rows read as much as it takes. */
  allowCounting(): void {
    this.#deletedRows?.allowAll()
  }

  /** Counts the deletes of the next files, as {@link DeletedRowCounter.countNext}. */
  async countNext(signal: AbortSignal): Promise<'exact' | 'running' | 'paused'> {
    const filesFrom = (row: number, reading: AbortSignal) => this.#files.filesFrom(row, reading)
    return (await this.#deletedRows?.countNext(filesFrom, signal)) ?? 'exact'
  }

  /** Goes on with another plan of the same snapshot, which brings another token. Returns whether it is another. */
  renew(plan: SignedScanPlan): boolean {
    if (plan === this.#plan) return false
    this.#plan = plan
    this.#files = new FilePages(plan, this.#options.listFiles)
    return true
  }

  /** Lets the worker release it. The next use opens it again. */
  close(): void {
    this.#opened?.close()
    this.#opened = null
  }

  #open(): OpenScan {
    const { token, nameMapping } = this.#plan
    const { showsDeleted } = this.#options
    const fields = addDefaults(this.#options.fields, this.#plan)
    this.#opened ??= this.#worker.open({ token, fields, nameMapping, showsDeleted })
    return this.#opened
  }

  async #countDeleted(files: readonly ListedFile[], signal?: AbortSignal): Promise<readonly number[]> {
    const { counts, cost } = await this.#open().countDeleted(files, signal ?? new AbortController().signal)
    this.#options.onCost(cost)
    return counts
  }
}
