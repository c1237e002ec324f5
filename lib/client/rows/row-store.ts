import type { PlannedFile, SignedScanPlan } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import type { ReadCost } from '@/lib/scan/read-rows'
import { evictLeastRecent, LruMap } from '@/lib/scan/lru-map'
import { addDefaults } from '../planned-defaults'
import { FilePages, type ListFiles } from './file-pages'
import type { SerializedError } from './row-messages'
import type { OpenScan, RowWorker } from './row-worker'

export const BLOCK_ROWS = 256
const MAX_CACHED_BLOCKS = 256
/** A request covers no more blocks than this, however many are visible. */
const MAX_BLOCKS_PER_REQUEST = 8

export type VisibleRows = { firstRow: number; lastRow: number; fieldIds: readonly number[] }

/** State of reading the visible rows. */
export type ReadState = {
  /** Changes with every change of the store. */
  version: number
  /** Changes when a value or a failure of a row changes, so only then do cells have to be drawn again. */
  valuesVersion: number
  isReading: boolean
  cost: ReadCost
  /** Duration of the last request; null before the first. */
  elapsedMs: number | null
  /** Why visible rows are missing; null if none are. */
  problem: AppError | null
  /** The plan's token has expired: pass a new plan to `resume`. */
  isExpired: boolean
}

const INITIAL_STATE: ReadState = {
  version: 0,
  valuesVersion: 0,
  isReading: false,
  cost: { bytesRead: 0, requests: 0, filesRead: 0, sizeMismatches: [] },
  elapsedMs: null,
  problem: null,
  isExpired: false,
}

type Block = Map<number, readonly (RowValue | null)[]>
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
  private readonly blocks = new LruMap<number, Block>()
  private failures: Failure[] = []
  private visible: VisibleRows | null = null
  private running: { firstRow: number; lastRow: number; controller: AbortController } | null = null
  private isOpen = false
  private state = INITIAL_STATE
  private readonly listeners = new Set<() => void>()

  /**
   * @param fields the schema rows are shown with, which may be newer than the plan's
   * @param listFiles by default over HTTP
   */
  constructor(worker: RowWorker, plan: SignedScanPlan, fields: readonly NestedField[], listFiles?: ListFiles) {
    this.worker = worker
    this.plan = plan
    this.fields = fields
    this.listFiles = listFiles
    this.files = new FilePages(plan, listFiles)
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly getSnapshot = (): ReadState => this.state

  /** Sets the visible rows. */
  setVisibleRows(visible: VisibleRows): void {
    this.visible = visible
    const { running } = this
    const isFar = running && (running.lastRow <= visible.firstRow || running.firstRow >= visible.lastRow)
    if (isFar) running.controller.abort()
    this.updateState({ problem: this.visibleProblem() })
    void this.readNext()
  }

  /** The value of a cell; undefined until it is read; the failure if its file cannot be read. */
  valueAt(row: number, fieldId: number): RowValue | null | undefined | AppError {
    const column = this.blocks.peek(Math.floor(row / BLOCK_ROWS))?.get(fieldId)
    const value = column?.[row % BLOCK_ROWS]
    if (value !== undefined) return value
    return this.failures.find((failure) => row >= failure.firstRow && row < failure.lastRow)?.error
  }

  /** The file that contains a row and the row's position in it; null until they are known. */
  originOf(row: number): { file: PlannedFile; position: number } | null {
    const file = this.files.findFile(row)
    return file && { file, position: row - file.firstRowIndex }
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
    this.scan?.close()
    this.scan = null
  }

  private async readNext(): Promise<void> {
    if (!this.isOpen || this.running || this.state.isExpired) return
    const request = this.findMissing()
    if (!request) {
      this.updateState({ isReading: false })
      return
    }
    const controller = new AbortController()
    const running = { firstRow: request.firstRow, lastRow: request.lastRow, controller }
    this.running = running
    this.updateState({ isReading: true })
    try {
      const files = await this.files.filesForRows(request.firstRow, request.lastRow, controller.signal)
      controller.signal.throwIfAborted()
      const { token, rowCount, nameMapping } = this.plan
      const fields = addDefaults(this.fields, this.plan)
      this.scan ??= this.worker.open({ token, fields, rowCount, nameMapping })
      const result = await this.scan.readRows({ ...request, files }, controller.signal)
      for (const { firstRow, lastRow, columns } of result.batches) this.storeRows(firstRow, lastRow, columns)
      this.failures.push(...result.failed.map((failed) => ({ ...failed, error: deserializeError(failed.error) })))
      evictLeastRecent(this.blocks, MAX_CACHED_BLOCKS, () => 1)
      const valuesVersion = this.state.valuesVersion + 1
      this.updateState({ cost: result.cost, elapsedMs: result.elapsedMs, valuesVersion })
    } catch (error) {
      this.recordFailure(error, request, controller.signal.aborted)
    }
    if (this.running === running) this.running = null
    this.updateState({ problem: this.visibleProblem() })
    await this.readNext()
  }

  private recordFailure(error: unknown, { firstRow, lastRow }: VisibleRows, isCancelled: boolean): void {
    if (isCancelled) return
    const failure = error instanceof AppError ? error : new AppError('internal', String(error), { cause: error })
    if (failure.code === 'cancelled') return
    if (failure.code === 'token-expired') this.updateState({ isExpired: true })
    else {
      this.failures.push({ firstRow, lastRow, error: failure })
      this.updateState({ valuesVersion: this.state.valuesVersion + 1 })
    }
  }

  private storeRows(
    firstRow: number,
    lastRow: number,
    columns: ReadonlyMap<number, readonly (RowValue | null)[]>,
  ): void {
    for (let row = firstRow; row < lastRow; row = nextBlockStart(row)) {
      const index = Math.floor(row / BLOCK_ROWS)
      const block = this.blocks.get(index) ?? this.blocks.set(index, new Map())
      const end = Math.min(nextBlockStart(row), lastRow)
      for (const [fieldId, values] of columns) {
        const column = [...(block.get(fieldId) ?? [])]
        for (let at = row; at < end; at++) column[at % BLOCK_ROWS] = values[at - firstRow] ?? null
        block.set(fieldId, column)
      }
    }
  }

  /** Whole blocks that are visible and unread, with the columns that any of them lacks. */
  private findMissing(): VisibleRows | null {
    const { visible } = this
    if (!visible) return null
    const first = Math.floor(visible.firstRow / BLOCK_ROWS)
    const last = Math.min(Math.ceil(visible.lastRow / BLOCK_ROWS), first + MAX_BLOCKS_PER_REQUEST)
    const missingFieldIds = new Set<number>()
    let from: number | null = null
    let to = 0
    for (let index = first; index < last; index++) {
      const block = this.blocks.get(index)
      const isLast = (index + 1) * BLOCK_ROWS >= this.plan.rowCount
      const rows = isLast ? this.plan.rowCount - index * BLOCK_ROWS : BLOCK_ROWS
      const missingInBlock = visible.fieldIds.filter(
        (id) => (block?.get(id)?.length ?? 0) < rows && !this.hasFailed(index * BLOCK_ROWS, index * BLOCK_ROWS + rows),
      )
      if (missingInBlock.length === 0) continue
      for (const id of missingInBlock) missingFieldIds.add(id)
      from ??= index
      to = index + 1
    }
    if (from === null) return null
    const lastRow = Math.min(to * BLOCK_ROWS, this.plan.rowCount)
    return { firstRow: from * BLOCK_ROWS, lastRow, fieldIds: [...missingFieldIds] }
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

function nextBlockStart(row: number): number {
  return (Math.floor(row / BLOCK_ROWS) + 1) * BLOCK_ROWS
}

function deserializeError({ code, message, facts, requestId }: SerializedError): AppError {
  return new AppError(code, message, { facts: { ...facts }, ...(requestId !== null && { requestId }) })
}
