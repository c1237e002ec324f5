import type { SignedScanPlan } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { createAllRows, type LiveFiles, LiveRows, movedRow, type ShrunkRows } from '@/lib/scan/live-rows'
import type { ReadCost } from '@/lib/scan/data-files'
import { addDefaults } from '@/lib/api/planned-defaults'
import type { ListedFile } from '@/lib/api/listed-files'
import { DeletedRowCounter } from './deleted-row-counter'
import { ReadAhead } from './read-ahead'
import { RequestedCells } from './requested-cells'
import { RowBlocks, type VisibleRows } from './row-blocks'
import { FilePages, type ListFiles } from './file-pages'
import { INITIAL_STATE, type ReadState, type SortState } from './read-state'
import { readSortedRows } from './read-sorted-rows'
import { deserializeError } from './serialized-error'
import type { OpenScan, RowsResult, RowWorker } from './row-worker'
import { type RowOrder, sortRows } from './sort-rows'

/** A request for rows, visible ones or those that the user scrolls to. */
type Running = { rows: VisibleRows; isAhead: boolean; controller: AbortController }
type Failure = { firstRow: number; lastRow: number; error: AppError }

/**
 * The visible rows of a scan, and some around them. Requests missing rows from the worker, one request at a time. While
 * a request runs, only the latest visible range is remembered; a request for rows far from it is cancelled.
 */
export class RowStore {
  private readonly worker: RowWorker
  private readonly fields: readonly NestedField[]
  private plan: SignedScanPlan
  private files: FilePages
  private readonly listFiles: ListFiles | undefined
  private scan: OpenScan | null = null
  private readonly blocks = new RowBlocks()
  private failures: Failure[] = []
  private visible: VisibleRows | null = null
  private running: Running | null = null
  private readonly ahead = new ReadAhead()
  private readonly requested = new RequestedCells()
  private isOpen = false
  private state: ReadState
  /** Numbers the rows: those that are not deleted, or all of them. */
  private readonly rows: LiveFiles<ListedFile>
  /** Null if deleted rows are shown. */
  private readonly live: LiveRows<ListedFile> | null
  private readonly showsDeleted: boolean
  /** Null if deleted rows are shown. */
  private readonly deletedRows: DeletedRowCounter | null
  /** The row of the scan for each row on screen; null in the order of the scan. */
  private order: Uint32Array | null = null
  private sorting: AbortController | null = null
  private counting: AbortController | null = null
  private readonly listeners = new Set<() => void>()

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
    this.worker = worker
    this.plan = plan
    this.fields = fields
    this.listFiles = listFiles
    this.files = new FilePages(plan, listFiles)
    const { rowCount, deleteFileCount } = plan
    // The next plan of the same snapshot brings other pages.
    const files = {
      rowCount,
      filesForRows: (firstRow: number, lastRow: number, signal?: AbortSignal) =>
        this.files.filesForRows(firstRow, lastRow, signal),
    }
    this.showsDeleted = showsDeleted
    this.live = showsDeleted
      ? null
      : new LiveRows<ListedFile>(
          files,
          (uncounted, signal) => this.countDeleted(uncounted, signal),
          (shrunk) => this.moveRows(shrunk),
        )
    this.deletedRows = this.live && new DeletedRowCounter(this.live, rowCount)
    this.rows = this.live ?? createAllRows(files)
    const isCounted = showsDeleted || deleteFileCount === 0 || rowCount === 0
    this.state = { ...INITIAL_STATE, rowCount, counting: isCounted ? 'exact' : 'running' }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly getSnapshot = (): ReadState => this.state

  /** Sets the visible rows. */
  setVisibleRows(visible: VisibleRows): void {
    this.visible = visible
    this.ahead.follow(visible)
    const missing = this.findMissing()
    const { running } = this
    if (running && !this.ahead.isUseful(running, missing)) running.controller.abort()
    if (this.counting && missing) this.counting.abort()
    this.updateState({ problem: this.visibleProblem(), ...(missing && running?.isAhead && { isReading: true }) })
    void this.readNext()
  }

  /** Reads cells that are not visible. Ends when they are read, when that failed, or when the rows get another order. */
  async readCells(rows: VisibleRows): Promise<void> {
    const isRead = this.requested.add(rows)
    this.counting?.abort()
    void this.readNext()
    await isRead
  }

  /** The value of a cell; undefined until it is read; the failure if its file cannot be read. */
  valueAt(row: number, fieldId: number): RowValue | null | undefined | AppError {
    const value = this.blocks.valueAt(row, fieldId)
    if (value !== undefined) return value
    return this.failures.find((failure) => row >= failure.firstRow && row < failure.lastRow)?.error
  }

  /** The file that contains a row and the row's position in it; null until they are known. */
  originOf(row: number): { file: ListedFile; position: number } | null {
    const position = this.blocks.positionAt(row)
    const file = this.fileOf(row)
    return file && position !== null ? { file, position } : null
  }

  /** The delete files that delete a row; none for a row that is not deleted or not read yet. */
  deletesOf(row: number): ListedFile['deletes'] {
    const indexes = this.blocks.deletedByAt(row)
    if (indexes.length === 0) return []
    return (this.fileOf(row)?.deletes ?? []).filter(({ index }) => indexes.includes(index))
  }

  private fileOf(row: number): ListedFile | null {
    const ordered = this.order?.[row] ?? row
    return this.files.findFile(this.live?.scanRowInFile(ordered) ?? ordered)
  }

  /** Counts the deleted rows, however much has to be read. */
  countRows(): void {
    this.deletedRows?.allowAll()
    this.updateState({ counting: 'running', countProblem: null })
    void this.readNext()
  }

  /** Sorts all rows by a column, of which every value is read. Ends the sort before. */
  async sortBy(order: RowOrder): Promise<void> {
    this.cancelSort()
    const controller = new AbortController()
    this.sorting = controller
    const { signal } = controller
    this.updateState({ sort: { status: 'running', order, readRows: 0 } })
    const sort = this.openScan().startSort(this.plan.rowCount)
    try {
      const { files, live } = this
      const { rowCount } = this.plan
      const onProgress = (readRows: number, cost: ReadCost) => {
        if (!signal.aborted) this.updateState({ cost, sort: { status: 'running', order, readRows } })
      }
      const sorted = await sortRows({ rowCount, files, live, sort, order, onProgress, signal })
      if (signal.aborted) return
      this.deletedRows?.finish()
      this.arrange(sorted, { status: 'sorted', order })
      this.updateState({ counting: 'exact', countProblem: null })
    } catch (error) {
      sort.release()
      if (signal.aborted) return
      const failure = toFailure(error)
      if (failure.code === 'token-expired') this.updateState({ isExpired: true })
      this.updateState({ sort: { status: 'failed', order, error: failure } })
    }
    if (this.sorting === controller) this.sorting = null
    await this.readNext()
  }

  /** Shows the rows in the order of the scan, and ends a sort that runs. */
  unsort(): void {
    this.cancelSort()
    if (this.order !== null || this.state.sort.status !== 'none') this.arrange(null, { status: 'none' })
    void this.readNext()
  }

  /** The row of the scan for each row on screen; null in the order of the scan. */
  get sortedRows(): Uint32Array | null {
    return this.order
  }

  private cancelSort(): void {
    this.sorting?.abort()
    this.sorting = null
  }

  private arrange(order: Uint32Array | null, sort: SortState): void {
    this.running?.controller.abort()
    this.running = null
    this.order = order
    this.requested.end()
    this.blocks.clear()
    this.failures = []
    this.updateState({ sort, problem: null, valuesVersion: this.state.valuesVersion + 1 })
  }

  /** Retries the rows that failed. */
  retry(): void {
    this.failures = []
    this.updateState({ problem: null, valuesVersion: this.state.valuesVersion + 1 })
    void this.readNext()
  }

  /** Starts or resumes reading; another plan of the same snapshot brings another token. */
  resume(plan: SignedScanPlan): void {
    this.isOpen = true
    if (plan !== this.plan) {
      this.plan = plan
      this.files = new FilePages(plan, this.listFiles)
      this.updateState({ isExpired: false })
    }
    void this.readNext()
  }

  /** Lets the worker release the scan until the store is resumed. Rows already read are kept. */
  close(): void {
    this.isOpen = false
    this.running?.controller.abort()
    this.running = null
    this.requested.end()
    this.counting?.abort()
    // The scan takes the values along.
    if (this.sorting) this.updateState({ sort: { status: 'none' } })
    this.cancelSort()
    this.scan?.close()
    this.scan = null
  }

  private async readNext(): Promise<void> {
    if (!this.isOpen || this.running || this.counting || this.state.isExpired) return
    const missing = this.findMissing()
    this.updateState({ isReading: missing !== null })
    const needed = missing ?? this.requested.findMissing((cells) => this.findMissingOf(cells))
    const rows = needed ?? this.findMissingAhead()
    if (rows) await this.readRows({ rows, isAhead: needed === null, controller: new AbortController() })
    else if (this.state.counting === 'running') await this.countNext()
  }

  private async readRows(running: Running): Promise<void> {
    const { rows, isAhead, controller } = running
    this.running = running
    try {
      const result = await (this.order
        ? readSortedRows({ order: this.order, files: this.rows, scan: this.openScan() }, rows, controller.signal)
        : this.readInOrder(rows, controller.signal))
      controller.signal.throwIfAborted()
      for (const batch of result.batches) this.blocks.storeBatch(batch)
      this.failures.push(...result.failed.map((failed) => ({ ...failed, error: deserializeError(failed.error) })))
      this.blocks.dropLeastRecent()
      const valuesVersion = this.state.valuesVersion + 1
      this.updateState({ cost: result.cost, valuesVersion, ...(!isAhead && { elapsedMs: result.elapsedMs }) })
    } catch (error) {
      // What failed ahead is read again when it is visible.
      if (!isAhead || toFailure(error).code === 'token-expired')
        this.recordFailure(error, rows, controller.signal.aborted)
    }
    if (this.running === running) this.running = null
    this.updateState({ problem: this.visibleProblem() })
    await this.readNext()
  }

  private async readInOrder(request: VisibleRows, signal: AbortSignal): Promise<RowsResult> {
    const files = await this.rows.filesForRows(request.firstRow, request.lastRow, signal)
    signal.throwIfAborted()
    // Counting the deletes of these files may have shown that there are fewer rows.
    const lastRow = Math.max(request.firstRow, Math.min(request.lastRow, this.rows.rowCount))
    return await this.openScan().readRows({ ...request, lastRow, files }, signal)
  }

  private openScan(): OpenScan {
    const { token, nameMapping } = this.plan
    const { showsDeleted } = this
    const fields = addDefaults(this.fields, this.plan)
    this.scan ??= this.worker.open({ token, fields, nameMapping, showsDeleted })
    return this.scan
  }

  private async countDeleted(files: readonly ListedFile[], signal?: AbortSignal): Promise<readonly number[]> {
    const { counts, cost } = await this.openScan().countDeleted(files, signal ?? new AbortController().signal)
    this.updateState({ cost })
    return counts
  }

  /** Counts the deletes of the next files, while no rows are missing. */
  private async countNext(): Promise<void> {
    const controller = new AbortController()
    this.counting = controller
    try {
      const filesFrom = (row: number, signal: AbortSignal) => this.files.filesFrom(row, signal)
      const counting = (await this.deletedRows?.countNext(filesFrom, controller.signal)) ?? 'exact'
      if (counting !== 'running') this.updateState({ counting })
    } catch (error) {
      const failure = toFailure(error)
      if (failure.code === 'token-expired') this.updateState({ isExpired: true })
      else if (!controller.signal.aborted && failure.code !== 'cancelled')
        this.updateState({ counting: 'failed', countProblem: failure })
    }
    this.counting = null
    await this.readNext()
  }

  /** Keeps what was read of rows that moved. */
  private moveRows(shrunk: readonly ShrunkRows[]): void {
    const [first] = shrunk
    if (!first) return
    // What the user looks at stays where it is. Rows that were not read yet are shown by their number.
    const wasRead = this.visible !== null && this.blocks.positionAt(this.visible.firstRow) !== null
    for (const stored of this.blocks.takeFrom(first.firstRow)) {
      this.blocks.storeValue({ ...stored, row: movedRow(stored.row, shrunk) })
    }
    this.failures = this.failures.map((failure) => ({
      ...failure,
      firstRow: movedRow(failure.firstRow, shrunk),
      lastRow: movedRow(failure.lastRow, shrunk),
    }))
    const { visible } = this
    if (visible && wasRead) {
      const firstRow = movedRow(visible.firstRow, shrunk)
      this.visible = { ...visible, firstRow, lastRow: visible.lastRow - visible.firstRow + firstRow }
    }
    this.updateState({
      rowCount: this.rows.rowCount,
      valuesVersion: this.state.valuesVersion + 1,
      ...(wasRead && { moved: { revision: this.state.moved.revision + 1, shrunk } }),
    })
  }

  private recordFailure(error: unknown, { firstRow, lastRow }: VisibleRows, isCancelled: boolean): void {
    if (isCancelled) return
    const failure = toFailure(error)
    if (failure.code === 'cancelled') return
    if (failure.code === 'token-expired') this.updateState({ isExpired: true })
    else {
      this.failures.push({ firstRow, lastRow, error: failure })
      this.updateState({ valuesVersion: this.state.valuesVersion + 1 })
    }
  }

  private findMissing(): VisibleRows | null {
    return this.visible && this.findMissingOf(this.visible)
  }

  private findMissingOf(rows: VisibleRows): VisibleRows | null {
    return this.blocks.findMissing(rows, this.rows.rowCount, (from, to) => this.hasFailed(from, to))
  }

  /** Not of sorted rows, which can be anywhere in the scan, and not when not even visible rows can be read. */
  private findMissingAhead(): VisibleRows | null {
    if (this.order !== null || this.visibleProblem() !== null) return null
    const rows = this.ahead.take()
    return rows && this.findMissingOf(rows)
  }

  private hasFailed(firstRow: number, lastRow: number): boolean {
    return this.failures.some((failure) => failure.firstRow < lastRow && failure.lastRow > firstRow)
  }

  private visibleProblem(): AppError | null {
    const { visible } = this
    if (!visible) return null
    const { firstRow, lastRow } = visible
    return this.failures.find((failure) => failure.firstRow < lastRow && failure.lastRow > firstRow)?.error ?? null
  }

  private updateState(update: Partial<ReadState>): void {
    this.state = { ...this.state, ...update, version: this.state.version + 1 }
    for (const listener of this.listeners) listener()
  }
}

function toFailure(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal', String(error), { cause: error })
}
