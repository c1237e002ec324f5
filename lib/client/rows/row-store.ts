import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import type { ShrunkRows } from '@/lib/scan/live-rows'
import type { ListedFile } from '@/lib/api/listed-files'
import { toFailure } from '../failure'
import type { ListFiles } from './file-pages'
import { KnownRows } from './known-rows'
import { ObservedState } from './observed-state'
import type { ReadState } from './read-state'
import type { VisibleRows } from './row-blocks'
import { RowScan } from './row-scan'
import { RowSorting, type SortRows } from './row-sorting'
import type { RowWorker } from './row-worker'
import { deserializeError } from './serialized-error'
import type { RowOrder } from './sort-rows'
import { type RequestedRead, RequestedRows } from './requested-rows'

type Running = RequestedRead & { controller: AbortController }

/**
 * The visible rows of a scan, and some around them. Requests missing rows from the worker, one request at a time. While
 * a request runs, only the latest visible range is remembered; a request for rows far from it is cancelled.
 */
export class RowStore {
  readonly #state: ObservedState
  readonly #scan: RowScan
  readonly #known = new KnownRows()
  readonly requested: RequestedRows
  readonly #sorting: RowSorting
  #running: Running | null = null
  #counting: AbortController | null = null
  #isOpen = false

  /**
   * @param fields the schema rows are shown with, which may be newer than the plan's
   * @param listFiles by default over HTTP
   * @param options.showsDeleted whether deleted rows are shown; rows are then numbered with them
   */
  constructor(
    worker: RowWorker,
    plan: SignedScanPlan,
    fields: readonly NestedField[],
    listFiles?: ListFiles,
    { showsDeleted = false }: { showsDeleted?: boolean } = {},
  ) {
    const { rowCount, deleteFileCount } = plan
    const isCounted = showsDeleted || deleteFileCount === 0 || rowCount === 0
    this.#state = new ObservedState({ rowCount, counting: isCounted ? 'exact' : 'running' })
    this.#scan = new RowScan(worker, plan, {
      fields,
      listFiles,
      showsDeleted,
      onShrink: (shrunk) => this.#moveRows(shrunk),
      onCost: (cost) => this.#state.update({ cost }),
    })
    this.requested = new RequestedRows((rows) => this.#known.findMissing(rows, this.#scan.rowCount))
    this.#sorting = new RowSorting(this.#state, () => this.#forgetRows())
  }

  get subscribe() {
    return this.#state.subscribe
  }

  get getSnapshot(): () => ReadState {
    return this.#state.getSnapshot
  }

  /** Sets the visible rows. */
  setVisibleRows(visible: VisibleRows): void {
    this.requested.show(visible)
    const missing = this.requested.findVisible()
    const running = this.#running
    if (running && !this.requested.isUseful(running, missing)) running.controller.abort()
    if (missing) this.#counting?.abort()
    this.#state.update({
      problem: this.#known.problemOf(visible),
      ...(missing && running?.isAhead && { isReading: true }),
    })
    void this.#readNext()
  }

  /** Reads cells that are not visible. Ends when they are read, when that failed, or when the rows get another order. */
  async readCells(rows: VisibleRows): Promise<void> {
    const isRead = this.requested.request(rows)
    this.#counting?.abort()
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
    const file = this.#fileOf(row)
    return file && position !== null ? { file, position } : null
  }

  /** The delete files that delete a row; none for a row that is not deleted or not read yet. */
  deletesOf(row: number): ListedFile['deletes'] {
    const indexes = this.#known.deletedByAt(row)
    if (indexes.length === 0) return []
    return (this.#fileOf(row)?.deletes ?? []).filter(({ index }) => indexes.includes(index))
  }

  #fileOf(row: number): ListedFile | null {
    return this.#scan.fileOf(this.#sorting.order?.[row] ?? row)
  }

  /** Counts the deleted rows, however much has to be read. */
  countRows(): void {
    this.#scan.allowCounting()
    this.#state.update({ counting: 'running', countProblem: null })
    void this.#readNext()
  }

  /** Sorts all rows by a column, of which every value is read. Ends the sort before. */
  async sortBy(order: RowOrder): Promise<void> {
    const isOver = await this.#sorting.run(order, (options) => this.#sortRows(order, options))
    if (isOver) await this.#readNext()
  }

  /** Shows the rows in the order of the scan, and ends a sort that runs. */
  unsort(): void {
    this.#sorting.reset()
    void this.#readNext()
  }

  /** The row of the scan for each row on screen; null in the order of the scan. */
  get sortedRows(): Uint32Array | null {
    return this.#sorting.order
  }

  /** Retries the rows that failed. */
  retry(): void {
    this.#known.clearFailures()
    this.#state.updateValues({ problem: null })
    void this.#readNext()
  }

  /** Starts or resumes reading; another plan of the same snapshot brings another token. */
  resume(plan: SignedScanPlan): void {
    this.#isOpen = true
    if (this.#scan.renew(plan)) this.#state.update({ isExpired: false })
    void this.#readNext()
  }

  /** Lets the worker release the scan until the store is resumed. Rows already read stay cached. */
  close(): void {
    this.#isOpen = false
    this.#stopReading()
    this.#counting?.abort()
    // The scan takes the values along.
    this.#sorting.stop()
    this.#scan.close()
  }

  async #readNext(): Promise<void> {
    if (!this.#isOpen || this.#running || this.#counting || this.#state.current.isExpired) return
    this.#state.update({ isReading: this.requested.findVisible() !== null })
    const next = this.requested.findNext({ mayReadAhead: this.#mayReadAhead() })
    if (next) await this.#readRows({ ...next, controller: new AbortController() })
    else if (this.#state.current.counting === 'running') await this.#countNext()
  }

  async #readRows(running: Running): Promise<void> {
    const { rows, isAhead, controller } = running
    this.#running = running
    try {
      const result = await this.#scan.readRows(rows, this.#sorting.order, controller.signal)
      controller.signal.throwIfAborted()
      const failures = result.failed.map((failed) => ({ ...failed, error: deserializeError(failed.error) }))
      this.#known.addRows(result.batches, failures)
      this.#state.updateValues({ cost: result.cost, ...(!isAhead && { elapsedMs: result.elapsedMs }) })
    } catch (error) {
      this.#recordFailure(error, running)
    }
    if (this.#running === running) this.#running = null
    this.#state.update({ problem: this.#known.problemOf(this.requested.visible) })
    await this.#readNext()
  }

  async #sortRows(order: RowOrder, options: Parameters<SortRows>[0]): Promise<Uint32Array> {
    const sorted = await this.#scan.sort(order, options)
    this.#state.update({ counting: 'exact', countProblem: null })
    return sorted
  }

  /** Counts the deletes of the next files, while no rows are missing. */
  async #countNext(): Promise<void> {
    const controller = new AbortController()
    this.#counting = controller
    try {
      const counting = await this.#scan.countNext(controller.signal)
      if (counting !== 'running') this.#state.update({ counting })
    } catch (error) {
      const failure = this.#state.takeFailure(error)
      if (failure !== null && failure.code !== 'cancelled' && !controller.signal.aborted)
        this.#state.update({ counting: 'failed', countProblem: failure })
    }
    this.#counting = null
    await this.#readNext()
  }

  /** Keeps the values of rows that moved. */
  #moveRows(shrunk: readonly ShrunkRows[]): void {
    if (shrunk.length === 0) return
    const { visible } = this.requested
    // The visible rows stay in place. Rows that were not read yet are shown by their number.
    const wasRead = visible !== null && this.#known.positionAt(visible.firstRow) !== null
    this.#known.move(shrunk)
    if (wasRead) this.requested.move(shrunk)
    this.#state.updateValues({
      rowCount: this.#scan.rowCount,
      ...(wasRead && { moved: { revision: this.#state.current.moved.revision + 1, shrunk } }),
    })
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

  #recordFailure(error: unknown, { rows, isAhead, controller }: Running): void {
    // A failure while reading ahead is not recorded: the rows are read again when they are visible.
    if (controller.signal.aborted || (isAhead && toFailure(error).code !== 'token-expired')) return
    const failure = this.#state.takeFailure(error)
    if (failure === null || failure.code === 'cancelled') return
    this.#known.addFailure(rows, failure)
    this.#state.updateValues()
  }
}
