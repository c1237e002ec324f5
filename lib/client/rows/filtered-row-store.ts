import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { sortedRange } from '@/lib/scan/sort/sorted-range'
import type { ListedFile } from '@/lib/api/listed-files'
import { toFailure } from '../failure'
import { type FilteredPlan, FilteredScan, type ListFilteredFiles } from './filtered-scan'
import { KnownRows } from './known-rows'
import { initialSearch, MatchSearch } from './match-search'
import { ObservedState } from './observed-state'
import type { ReadState } from './read-state'
import type { VisibleRows } from './row-blocks'
import { RowSorting, type SortRows } from './row-sorting'
import type { RowSort, RowWorker } from './row-worker'
import { type RowOrder, sortMatches } from './sort-rows'
import { type RequestedRead, RequestedRows } from './requested-rows'

/** How much is read to find matching rows before the user asks for more. */
const MAX_UNASKED_BYTES = 64 * 1024 * 1024
/** In which files the rows in memory are; each entry is for neighbouring rows of one row group. */
const MAX_SOURCES = 65_536

type FilteredStoreOptions = {
  where: string
  fields: readonly NestedField[]
  listFiles?: ListFilteredFiles
  maxUnaskedBytes?: number
}

type Source = { file: ListedFile; firstRow: number; lastRow: number }
/** A step of the search reads no rows. */
type Running = { read: RequestedRead | null; controller: AbortController }

/**
 * The rows of a scan that pass a filter, counted among those, as far as they are found. The worker searches the files in
 * order while no visible rows are missing, until the bytes that may be read unasked are read.
 */
export class FilteredRowStore {
  readonly #state: ObservedState
  readonly #scan: FilteredScan
  readonly #search: MatchSearch
  readonly #known = new KnownRows()
  readonly requested: RequestedRows
  readonly #sorting: RowSorting
  #sources: Source[] = []
  #running: Running | null = null
  #isOpen = false

  /**
   * @param options.where the filter of the plan
   * @param options.fields the schema rows are shown with, which may be newer than the plan's
   * @param options.listFiles by default over HTTP
   */
  constructor(
    worker: RowWorker,
    plan: FilteredPlan,
    { where, fields, listFiles, maxUnaskedBytes = MAX_UNASKED_BYTES }: FilteredStoreOptions,
  ) {
    this.#state = new ObservedState({ counting: 'running', search: initialSearch(plan.filtered.skipped) })
    this.#scan = new FilteredScan(worker, plan, {
      where,
      fields,
      listFiles,
      onSkipped: (skipped) => this.#search.setSkipped(skipped),
    })
    this.#search = new MatchSearch(this.#state, () => this.#scan.open(), maxUnaskedBytes)
    this.requested = new RequestedRows((rows) => this.#known.findMissing(rows, this.#state.current.rowCount))
    this.#sorting = new RowSorting(this.#state, () => this.#forgetRows())
  }

  get subscribe() {
    return this.#state.subscribe
  }

  get getSnapshot(): () => ReadState {
    return this.#state.getSnapshot
  }

  setVisibleRows(visible: VisibleRows): void {
    this.requested.show(visible)
    const missing = this.requested.findVisible()
    const running = this.#running
    // A search waits until the visible rows are read.
    const isUseful = running?.read ? this.requested.isUseful(running.read, missing) : missing === null
    if (!isUseful) running?.controller.abort()
    this.#state.update({
      problem: this.#known.problemOf(visible),
      ...(missing && running?.read?.isAhead && { isReading: true }),
    })
    void this.#readNext()
  }

  /** Reads cells that are not visible. Ends when they are read, when that failed, or when the rows get another order. */
  async readCells(rows: VisibleRows): Promise<void> {
    const isRead = this.requested.request(rows)
    this.#interruptSearch()
    void this.#readNext()
    await isRead
  }

  /** The value of a cell; undefined until it is read; the failure if its file, or its column there, cannot be read. */
  valueAt(row: number, fieldId: number): RowValue | null | undefined | AppError {
    return this.#known.valueAt(row, fieldId)
  }

  /** The file that contains a row and the row's position in it; null until they are known. */
  originOf(row: number): { file: ListedFile; position: number } | null {
    const position = this.#known.positionAt(row)
    const match = this.#sorting.order?.[row] ?? row
    const source = this.#sources.findLast(({ firstRow, lastRow }) => firstRow <= match && match < lastRow)
    return source && position !== null ? { file: source.file, position } : null
  }

  /** Searches the rest of the files, however much has to be read. */
  countRows(): void {
    this.#search.allowAll()
    void this.#readNext()
  }

  /** Ends the search where it is, and a sort that waits for it, until `countRows` continues it. */
  pauseSearch(): void {
    if (!this.#search.isRunning) return
    this.#sorting.stop()
    this.#search.pause()
    this.#interruptSearch()
  }

  /** Sorts all rows that pass the filter by a column, for which all files are searched. Ends the sort before. */
  async sortBy(order: RowOrder): Promise<void> {
    const isOver = await this.#sorting.run(order, (options) => this.#sortMatches(order, options))
    if (isOver) await this.#readNext()
  }

  /** Shows the rows in the order of the files, and ends a sort that runs. */
  unsort(): void {
    this.#sorting.reset()
    void this.#readNext()
  }

  /** The position among the matching rows of each row on screen; null in the order of the files. */
  get sortedRows(): Uint32Array | null {
    return this.#sorting.order
  }

  /** Retries the rows that failed. */
  retry(): void {
    this.#known.clearFailures()
    this.#state.updateValues({ problem: null })
    void this.#readNext()
  }

  /** Starts or resumes reading; another plan of the same snapshot and filter brings another token. */
  resume(plan: SignedScanPlan): void {
    this.#isOpen = true
    if (this.#scan.renew(plan)) this.#state.update({ isExpired: false })
    void this.#readNext()
  }

  /** Lets the worker release the scan: a store that is resumed searches again. */
  close(): void {
    this.#isOpen = false
    this.#stopReading()
    // The scan takes the values along.
    this.#sorting.stop()
    this.#scan.close()
  }

  async #readNext(): Promise<void> {
    if (!this.#isOpen || this.#running || this.#state.current.isExpired) return
    const isReading = this.requested.findVisible() !== null
    if (this.#state.current.isReading !== isReading) this.#state.update({ isReading })
    const read = this.requested.findNext({ mayReadAhead: this.#mayReadAhead() })
    const isSearching = this.#search.isRunning && !this.#sorting.isRunning
    if (read === null && !isSearching) return
    const running = { read, controller: new AbortController() }
    this.#running = running
    const { signal } = running.controller
    try {
      if (read === null) await this.#search.step(signal)
      else await this.#readMatches(read, signal)
    } catch (error) {
      this.#recordFailure(error, read, signal.aborted)
    }
    if (this.#running === running) this.#running = null
    this.#state.update({ problem: this.#known.problemOf(this.requested.visible) })
    // Not awaited: a search takes any number of steps.
    void this.#readNext()
  }

  async #readMatches({ rows, isAhead }: RequestedRead, signal: AbortSignal): Promise<void> {
    const { order } = this.#sorting
    const sorted = order && sortedRange(order, rows.firstRow, rows.lastRow)
    const requested = sorted ? { ...rows, rows: sorted.rows } : rows
    const { batch, cost, elapsedMs } = await this.#scan.open().readMatches(requested, signal)
    this.#known.addRows([sorted ? sorted.arrange(batch) : batch])
    this.#sources = [...this.#sources, ...batch.sources].slice(-MAX_SOURCES)
    const totalMs = (this.#state.current.elapsedMs ?? 0) + elapsedMs
    this.#state.updateValues({ cost, ...(!isAhead && { elapsedMs: totalMs }) })
  }

  async #sortMatches(order: RowOrder, { onProgress, signal }: Parameters<SortRows>[0]): Promise<Uint32Array> {
    // The sort searches the rest itself.
    this.#interruptSearch()
    let sort: RowSort | null = null
    try {
      const matchCount = await this.#search.searchAll(signal)
      sort = this.#scan.open().startSort(matchCount)
      return await sortMatches({ matchCount, sort, order, onProgress, signal })
    } catch (error) {
      sort?.release()
      if (!signal.aborted) this.#search.pause()
      throw error
    }
  }

  #interruptSearch(): void {
    if (this.#running?.read === null) this.#running.controller.abort()
  }

  #stopReading(): void {
    this.#running?.controller.abort()
    this.#running = null
    this.requested.endRequest()
  }

  /** The rows get other numbers. */
  #forgetRows(): void {
    this.#stopReading()
    this.#known.clear()
  }

  /** Not of sorted rows, which can be anywhere in the scan, and not when not even visible rows can be read. */
  #mayReadAhead(): boolean {
    return this.#sorting.order === null && !this.#known.hasFailed(this.requested.visible)
  }

  #recordFailure(error: unknown, read: RequestedRead | null, isCancelled: boolean): void {
    // A failure while reading ahead is not recorded: the rows are read again when they are visible.
    if (isCancelled || (read?.isAhead && toFailure(error).code !== 'token-expired')) return
    const failure = this.#state.takeFailure(error)
    if (failure === null || failure.code === 'cancelled') return
    if (read === null) this.#search.fail(failure)
    else {
      this.#known.addFailure(read.rows, failure)
      this.#state.updateValues()
    }
  }
}
