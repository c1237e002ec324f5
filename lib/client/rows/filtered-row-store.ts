import type { PlannedDeleteFile, PlannedFile, SignedScanPlan, SkippedByFilter } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ReadCost } from '@/lib/scan/data-files'
import type { RowValue } from '@/lib/scan/read/row-values'
import { sortedRange } from '@/lib/scan/sort/sorted-range'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { type ListedFile, toListedFiles } from '@/lib/api/listed-files'
import { addDefaults } from '@/lib/api/planned-defaults'
import { ReadAhead } from './read-ahead'
import { RequestedCells } from './requested-cells'
import { RowBlocks, type VisibleRows } from './row-blocks'
import type { ListedFilesPage } from './row-messages'
import { deserializeError } from './serialized-error'
import { INITIAL_STATE, type ReadState, type SearchState, type SortState } from './read-state'
import type { OpenScan, RowSort, RowWorker } from './row-worker'
import { requireSortable, type RowOrder, sortMatches } from './sort-rows'

/** The plan of a scan with a filter. */
export type FilteredPlan = SignedScanPlan & { filtered: NonNullable<SignedScanPlan['filtered']> }

/** @throws {AppError} internal when the server planned a scan without the filter, which would show other rows */
export function requireFilteredPlan(plan: SignedScanPlan): FilteredPlan {
  const { filtered } = plan
  if (filtered) return { ...plan, filtered }
  throw new AppError('internal', 'The server planned the scan without its filter.')
}

/** Requests files of a scan with a filter. */
export type ListFilteredFiles = (page: { token: string; fromFile: number; limit: number }) => Promise<{
  files: readonly PlannedFile[]
  deleteFiles: readonly PlannedDeleteFile[]
  nextFile: number | null
  skipped?: SkippedByFilter | undefined
}>

const PAGE_FILES = 200
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
/** A step of the search has no range. Rows that are read ahead are not visible yet. */
type Running = { range: VisibleRows | null; isAhead: boolean; controller: AbortController }
type Failure = { firstRow: number; lastRow: number; error: AppError }

/**
 * The rows of a scan that pass a filter, counted among those, as far as they are found. The worker searches the files in
 * order while no visible rows are missing, until the bytes that may be read unasked are read.
 */
export class FilteredRowStore {
  readonly #worker: RowWorker
  readonly #fields: readonly NestedField[]
  readonly #where: string
  readonly #listFiles: ListFilteredFiles
  readonly #blocks = new RowBlocks()
  readonly #listeners = new Set<() => void>()
  #plan: FilteredPlan
  #scan: OpenScan | null = null
  #sources: Source[] = []
  #failures: Failure[] = []
  #visible: VisibleRows | null = null
  /** The position among the matching rows of each row on screen; null in the order of the files. */
  #order: Uint32Array | null = null
  #sorting: AbortController | null = null
  readonly #ahead = new ReadAhead()
  readonly #requested = new RequestedCells()
  #running: Running | null = null
  #isOpen = false
  #maxBytes: number
  #state: ReadState

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
    this.#maxBytes = maxUnaskedBytes
    this.#worker = worker
    this.#plan = plan
    this.#where = where
    this.#fields = fields
    this.#listFiles = listFiles ?? ((page) => callEndpoint('listPlannedFiles', page))
    const search = {
      status: 'running',
      problem: null,
      progress: EMPTY_PROGRESS,
      skipped: plan.filtered.skipped,
    } as const
    this.#state = { ...INITIAL_STATE, counting: 'running', search }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly getSnapshot = (): ReadState => this.#state

  setVisibleRows(visible: VisibleRows): void {
    this.#visible = visible
    this.#ahead.follow(visible)
    const missing = this.#findMissing()
    const running = this.#running
    // A search waits until the visible rows are read.
    const isUseful =
      running?.range == null
        ? missing === null
        : this.#ahead.isUseful({ rows: running.range, isAhead: running.isAhead }, missing)
    if (!isUseful) running?.controller.abort()
    this.#update({ problem: this.#visibleProblem(), ...(missing && running?.isAhead && { isReading: true }) })
    void this.#readNext()
  }

  /** Reads cells that are not visible. Ends when they are read, when that failed, or when the rows get another order. */
  async readCells(rows: VisibleRows): Promise<void> {
    const isRead = this.#requested.add(rows)
    if (this.#running?.range === null) this.#running.controller.abort()
    void this.#readNext()
    await isRead
  }

  /** The value of a cell; undefined until it is read; the failure if its file cannot be read. */
  valueAt(row: number, fieldId: number): RowValue | null | undefined | AppError {
    return this.#blocks.valueAt(row, fieldId) ?? this.#nullOrFailure(row, fieldId)
  }

  /** The file that contains a row and the row's position in it; null until they are known. */
  originOf(row: number): { file: ListedFile; position: number } | null {
    const position = this.#blocks.positionAt(row)
    const match = this.#order?.[row] ?? row
    const source = this.#sources.findLast(({ firstRow, lastRow }) => firstRow <= match && match < lastRow)
    return source && position !== null ? { file: source.file, position } : null
  }

  /** Searches the rest of the files, however much has to be read. */
  countRows(): void {
    this.#maxBytes = Number.POSITIVE_INFINITY
    this.#updateSearch({ status: 'running', problem: null })
    void this.#readNext()
  }

  /** Ends the search where it is, and a sort that waits for it, until `countRows` continues it. */
  pauseSearch(): void {
    if (this.#state.search?.status !== 'running') return
    if (this.#sorting) this.#update({ sort: { status: 'none' } })
    this.#cancelSort()
    this.#updateSearch({ status: 'paused' })
    if (this.#running?.range === null) this.#running.controller.abort()
  }

  /** Sorts all rows that pass the filter by a column, for which all files are searched. Ends the sort before. */
  async sortBy(order: RowOrder): Promise<void> {
    this.#cancelSort()
    const controller = new AbortController()
    this.#sorting = controller
    const { signal } = controller
    this.#update({ sort: { status: 'running', order, readRows: 0 } })
    // The sort searches the rest itself.
    if (this.#running?.range === null) this.#running.controller.abort()
    let sort: RowSort | null = null
    try {
      const matchCount = await this.#searchAll(signal)
      sort = this.#openScan().startSort(matchCount)
      const onProgress = (readRows: number, cost: ReadCost) => {
        if (!signal.aborted) this.#update({ cost, sort: { status: 'running', order, readRows } })
      }
      const sorted = await sortMatches({ matchCount, sort, order, onProgress, signal })
      if (signal.aborted) return
      this.#arrange(sorted, { status: 'sorted', order })
    } catch (error) {
      sort?.release()
      if (signal.aborted) return
      const failure = toAppError(error)
      if (failure.code === 'token-expired') this.#update({ isExpired: true })
      if (this.#state.search?.status === 'running') this.#updateSearch({ status: 'paused' })
      this.#update({ sort: { status: 'failed', order, error: failure } })
    }
    if (this.#sorting === controller) this.#sorting = null
    await this.#readNext()
  }

  /** Shows the rows in the order of the files, and ends a sort that runs. */
  unsort(): void {
    this.#cancelSort()
    if (this.#order !== null || this.#state.sort.status !== 'none') this.#arrange(null, { status: 'none' })
    void this.#readNext()
  }

  /** The position among the matching rows of each row on screen; null in the order of the files. */
  get sortedRows(): Uint32Array | null {
    return this.#order
  }

  #cancelSort(): void {
    this.#sorting?.abort()
    this.#sorting = null
  }

  #arrange(order: Uint32Array | null, sort: SortState): void {
    this.#running?.controller.abort()
    this.#running = null
    this.#order = order
    this.#requested.end()
    this.#blocks.clear()
    this.#failures = []
    this.#update({ sort, problem: null, valuesVersion: this.#state.valuesVersion + 1 })
  }

  /** Searches all files. Returns how many rows match. */
  async #searchAll(signal: AbortSignal): Promise<number> {
    this.#maxBytes = Number.POSITIVE_INFINITY
    if (this.#state.search?.status !== 'complete') this.#updateSearch({ status: 'running', problem: null })
    while (this.#state.search?.status === 'running') {
      await this.#search(signal)
      requireSortable(this.#state.rowCount)
    }
    signal.throwIfAborted()
    return this.#state.rowCount
  }

  /** Retries the rows that failed. */
  retry(): void {
    this.#failures = []
    this.#update({ problem: null, valuesVersion: this.#state.valuesVersion + 1 })
    void this.#readNext()
  }

  /** Starts or resumes reading; another plan of the same snapshot and filter brings another token. */
  resume(plan: SignedScanPlan): void {
    this.#isOpen = true
    if (plan.token !== this.#plan.token) {
      this.#plan = requireFilteredPlan(plan)
      this.#scan?.renew(plan.token)
      this.#update({ isExpired: false })
    }
    void this.#readNext()
  }

  /** Lets the worker release the scan: a store that is resumed searches again. */
  close(): void {
    this.#isOpen = false
    this.#running?.controller.abort()
    this.#running = null
    this.#requested.end()
    // The scan takes the values along.
    if (this.#sorting) this.#update({ sort: { status: 'none' } })
    this.#cancelSort()
    this.#scan?.close()
    this.#scan = null
  }

  async #readNext(): Promise<void> {
    if (!this.#isOpen || this.#running || this.#state.isExpired) return
    const visible = this.#findMissing()
    const needed = visible ?? this.#requested.findMissing((cells) => this.#findMissingOf(cells))
    const range = needed ?? this.#findMissingAhead()
    const isAhead = needed === null && range !== null
    const isSearching = this.#state.search?.status === 'running' && this.#sorting === null
    if (this.#state.isReading !== (visible !== null)) this.#update({ isReading: visible !== null })
    if (range === null && !isSearching) return
    const running = { range, isAhead, controller: new AbortController() }
    this.#running = running
    const { signal } = running.controller
    try {
      if (range === null) await this.#search(signal)
      else await this.#readMatches(range, { isAhead, signal })
    } catch (error) {
      // What failed ahead is read again when it is visible.
      if (!isAhead || toAppError(error).code === 'token-expired') this.#recordFailure(error, range, signal.aborted)
    }
    if (this.#running === running) this.#running = null
    this.#update({ problem: this.#visibleProblem() })
    // Not awaited: a search takes any number of steps.
    void this.#readNext()
  }

  async #search(signal: AbortSignal): Promise<void> {
    const { progress, problem, cost, elapsedMs } = await this.#openScan().search(this.#maxBytes, signal)
    const isOver = cost.bytesRead >= this.#maxBytes
    const before = this.#state.search?.status ?? 'running'
    const status = progress.isComplete ? 'complete' : before === 'running' && isOver ? 'paused' : before
    this.#update({ cost, elapsedMs: (this.#state.elapsedMs ?? 0) + elapsedMs })
    this.#updateSearch({ status, progress })
    if (problem) throw deserializeError(problem)
  }

  async #readMatches(
    range: VisibleRows,
    { isAhead, signal }: { isAhead: boolean; signal: AbortSignal },
  ): Promise<void> {
    const sorted = this.#order && sortedRange(this.#order, range.firstRow, range.lastRow)
    const wanted = sorted ? { ...range, rows: sorted.rows } : range
    const { batch, cost, elapsedMs } = await this.#openScan().readMatches(wanted, signal)
    this.#blocks.storeBatch(sorted ? sorted.arrange(batch) : batch)
    this.#blocks.dropLeastRecent()
    this.#sources = [...this.#sources, ...batch.sources].slice(-MAX_SOURCES)
    const totalMs = (this.#state.elapsedMs ?? 0) + elapsedMs
    this.#update({ cost, ...(!isAhead && { elapsedMs: totalMs }), valuesVersion: this.#state.valuesVersion + 1 })
  }

  #openScan(): OpenScan {
    const { token, nameMapping, filtered } = this.#plan
    const files = { files: toListedFiles(this.#plan, this.#plan), nextFile: filtered.nextFile }
    this.#scan ??= this.#worker.open(
      { token, fields: addDefaults(this.#fields, this.#plan), nameMapping, filter: { where: this.#where, files } },
      (fromFile) => this.#list(fromFile),
    )
    return this.#scan
  }

  async #list(fromFile: number): Promise<ListedFilesPage> {
    const { token, filtered } = this.#plan
    const page = await this.#listFiles({ token, fromFile, limit: PAGE_FILES })
    // A worker that had to be restarted lists the files from the start.
    const isFirst = fromFile === filtered.nextFile
    const before = isFirst ? filtered.skipped : (this.#state.search?.skipped ?? filtered.skipped)
    this.#updateSearch({ skipped: page.skipped ? addSkipped(before, page.skipped) : before })
    return { files: toListedFiles(page, this.#plan), nextFile: page.nextFile }
  }

  #findMissing(): VisibleRows | null {
    return this.#visible && this.#findMissingOf(this.#visible)
  }

  #findMissingOf(rows: VisibleRows): VisibleRows | null {
    return this.#blocks.findMissing(rows, this.#state.rowCount, (from, to) => this.#hasFailed(from, to))
  }

  /** Not of sorted rows, which can be anywhere in the scan, and not when not even visible rows can be read. */
  #findMissingAhead(): VisibleRows | null {
    if (this.#order !== null || this.#visibleProblem() !== null) return null
    const rows = this.#ahead.take()
    return rows && this.#findMissingOf(rows)
  }

  #hasFailed(firstRow: number, lastRow: number): boolean {
    return this.#failures.some((failure) => failure.firstRow < lastRow && failure.lastRow > firstRow)
  }

  #nullOrFailure(row: number, fieldId: number): RowValue | null | undefined | AppError {
    if (this.#blocks.valueAt(row, fieldId) === null) return null
    return this.#failures.find(({ firstRow, lastRow }) => row >= firstRow && row < lastRow)?.error
  }

  #recordFailure(error: unknown, range: VisibleRows | null, isCancelled: boolean): void {
    if (isCancelled) return
    const failure = toAppError(error)
    if (failure.code === 'cancelled') return
    if (failure.code === 'token-expired') this.#update({ isExpired: true })
    else if (range === null) this.#updateSearch({ status: 'failed', problem: failure })
    else {
      this.#failures.push({ firstRow: range.firstRow, lastRow: range.lastRow, error: failure })
      this.#update({ valuesVersion: this.#state.valuesVersion + 1 })
    }
  }

  #visibleProblem(): AppError | null {
    if (!this.#visible) return null
    const { firstRow, lastRow } = this.#visible
    return this.#failures.find((failure) => failure.firstRow < lastRow && failure.lastRow > firstRow)?.error ?? null
  }

  #updateSearch(update: Partial<SearchState>): void {
    const { search: before } = this.#state
    if (!before) return
    const search = { ...before, ...update }
    const counting = { running: 'running', paused: 'paused', failed: 'failed', complete: 'exact' } as const
    this.#update({
      search,
      counting: counting[search.status],
      countProblem: search.problem,
      // A worker that had to be restarted begins again, and finds the same rows.
      rowCount: Math.max(this.#state.rowCount, search.progress.matchCount),
    })
  }

  #update(update: Partial<ReadState>): void {
    this.#state = { ...this.#state, ...update, version: this.#state.version + 1 }
    for (const listener of this.#listeners) listener()
  }
}

const NOTHING = { rowGroups: 0, rows: 0 }
const EMPTY_PROGRESS = {
  matchCount: 0,
  isComplete: false,
  filesSearched: 0,
  rowGroupsSearched: 0,
  skipped: { statistics: NOTHING, 'bloom-filter': NOTHING, dictionary: NOTHING, 'page-index': NOTHING },
}

function toAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal', String(error), { cause: error })
}

function addSkipped(a: SkippedByFilter, b: SkippedByFilter): SkippedByFilter {
  const add = (reason: keyof SkippedByFilter['files']) => ({
    files: a.files[reason].files + b.files[reason].files,
    rows: a.files[reason].rows + b.files[reason].rows,
  })
  return {
    manifests: a.manifests + b.manifests,
    files: { partition: add('partition'), 'null-counts': add('null-counts'), bounds: add('bounds') },
  }
}
