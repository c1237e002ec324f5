import type { ScanPlan } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/types'
import type { RowValue } from '@/lib/scan/column-reader'
import type { ReadCost } from '@/lib/scan/read-rows'
import { clearRecent, RecentlyUsed } from '@/lib/scan/recently-used'
import type { SentError } from './row-messages'
import type { OpenScan, RowWorker } from './row-worker'

export const BLOCK_ROWS = 256
const KEPT_BLOCKS = 256
/** A request asks for no more rows than this, whatever is on screen. */
const MAX_BLOCKS_AT_ONCE = 8

export type ShownRows = { firstRow: number; lastRow: number; fieldIds: readonly number[] }

/** How the rows on screen were read. */
export type ReadState = {
  /** Changes with every change of what the store holds. */
  version: number
  isReading: boolean
  cost: ReadCost
  /** Of the last request; null before the first. */
  elapsedMs: number | null
  /** Why rows on screen are missing; null where none are. */
  problem: AppError | null
  /** The files' tokens have expired: hand in a new plan. */
  isExpired: boolean
}

const NOTHING_READ: ReadState = {
  version: 0,
  isReading: false,
  cost: { bytesRead: 0, requests: 0, filesRead: 0, sizeMismatches: [] },
  elapsedMs: null,
  problem: null,
  isExpired: false,
}

type Block = Map<number, readonly (RowValue | null)[]>
type Failure = { firstRow: number; lastRow: number; error: AppError }

/**
 * The rows of a scan that are on screen, and some around: asks the worker for what is missing, one request at a time.
 * While one runs, only the newest wish is kept; a request for rows far from what is wanted now is cancelled.
 */
export class RowStore {
  private readonly worker: RowWorker
  private readonly fields: readonly NestedField[]
  private plan: ScanPlan
  private scan: OpenScan | null = null
  private readonly blocks = new RecentlyUsed<number, Block>()
  private failures: Failure[] = []
  private wanted: ShownRows | null = null
  private running: { firstRow: number; lastRow: number; controller: AbortController } | null = null
  private isOpen = false
  private state = NOTHING_READ
  private readonly listeners = new Set<() => void>()

  /** @param fields the schema rows are shown with, which may be newer than the plan's */
  constructor(worker: RowWorker, plan: ScanPlan, fields: readonly NestedField[]) {
    this.worker = worker
    this.plan = plan
    this.fields = fields
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly snapshot = (): ReadState => this.state

  /** What is on screen now. */
  show(wanted: ShownRows): void {
    this.wanted = wanted
    const { running } = this
    const isFar = running && (running.lastRow <= wanted.firstRow || running.firstRow >= wanted.lastRow)
    if (isFar) running.controller.abort()
    this.change({ problem: this.problemOnScreen() })
    void this.readOn()
  }

  /** The value of a cell; undefined while it is not read; the failure where its file cannot be read. */
  valueAt(row: number, fieldId: number): RowValue | null | undefined | AppError {
    const column = this.blocks.peek(Math.floor(row / BLOCK_ROWS))?.get(fieldId)
    const value = column?.[row % BLOCK_ROWS]
    if (value !== undefined) return value
    return this.failures.find((failure) => row >= failure.firstRow && row < failure.lastRow)?.error
  }

  /** Tries once more what failed. */
  retry(): void {
    this.failures = []
    this.change({ problem: null })
    void this.readOn()
  }

  /** Begins or goes on reading; another plan of the same snapshot brings other tokens. */
  resume(plan: ScanPlan): void {
    this.isOpen = true
    if (plan !== this.plan) {
      this.plan = plan
      this.change({ isExpired: false })
    }
    void this.readOn()
  }

  /** Lets the worker forget the scan, until the store is resumed. What was read is kept. */
  close(): void {
    this.isOpen = false
    this.running?.controller.abort()
    this.running = null
    this.scan?.close()
    this.scan = null
  }

  private async readOn(): Promise<void> {
    if (!this.isOpen || this.running || this.state.isExpired) return
    const asked = this.missing()
    if (!asked) {
      this.change({ isReading: false })
      return
    }
    const controller = new AbortController()
    const running = { firstRow: asked.firstRow, lastRow: asked.lastRow, controller }
    this.running = running
    this.change({ isReading: true })
    try {
      this.scan ??= this.worker.open({
        fields: this.fields,
        files: this.plan.files,
        nameMapping: this.plan.nameMapping,
      })
      const answer = await this.scan.rows(asked, controller.signal)
      for (const { firstRow, lastRow, columns } of answer.batches) this.keep(firstRow, lastRow, columns)
      this.failures.push(...answer.failed.map((failed) => ({ ...failed, error: toAppError(failed.error) })))
      clearRecent(this.blocks, KEPT_BLOCKS, () => 1)
      this.change({ cost: answer.cost, elapsedMs: answer.elapsedMs })
    } catch (error) {
      this.takeFailure(error, asked)
    }
    if (this.running === running) this.running = null
    this.change({ problem: this.problemOnScreen() })
    await this.readOn()
  }

  private takeFailure(error: unknown, { firstRow, lastRow }: ShownRows): void {
    const failure = error instanceof AppError ? error : new AppError('internal', String(error), { cause: error })
    if (failure.code === 'cancelled') return
    if (failure.code === 'token-expired') this.change({ isExpired: true })
    else this.failures.push({ firstRow, lastRow, error: failure })
  }

  private keep(firstRow: number, lastRow: number, columns: ReadonlyMap<number, readonly (RowValue | null)[]>): void {
    for (let row = firstRow; row < lastRow; row = nextBlock(row)) {
      const index = Math.floor(row / BLOCK_ROWS)
      const block = this.blocks.get(index) ?? this.blocks.set(index, new Map())
      const end = Math.min(nextBlock(row), lastRow)
      for (const [fieldId, values] of columns) {
        const column = [...(block.get(fieldId) ?? [])]
        for (let at = row; at < end; at++) column[at % BLOCK_ROWS] = values[at - firstRow] ?? null
        block.set(fieldId, column)
      }
    }
  }

  /** Whole blocks that are on screen and not read, with the columns any of them lacks. */
  private missing(): ShownRows | null {
    const { wanted } = this
    if (!wanted) return null
    const first = Math.floor(wanted.firstRow / BLOCK_ROWS)
    const last = Math.min(Math.ceil(wanted.lastRow / BLOCK_ROWS), first + MAX_BLOCKS_AT_ONCE)
    const lacking = new Set<number>()
    let from: number | null = null
    let to = 0
    for (let index = first; index < last; index++) {
      const block = this.blocks.get(index)
      const isLast = (index + 1) * BLOCK_ROWS >= this.plan.rowCount
      const rows = isLast ? this.plan.rowCount - index * BLOCK_ROWS : BLOCK_ROWS
      const lacks = wanted.fieldIds.filter(
        (id) => (block?.get(id)?.length ?? 0) < rows && !this.hasFailed(index * BLOCK_ROWS, index * BLOCK_ROWS + rows),
      )
      if (lacks.length === 0) continue
      for (const id of lacks) lacking.add(id)
      from ??= index
      to = index + 1
    }
    if (from === null) return null
    const lastRow = Math.min(to * BLOCK_ROWS, this.plan.rowCount)
    return { firstRow: from * BLOCK_ROWS, lastRow, fieldIds: [...lacking] }
  }

  private hasFailed(firstRow: number, lastRow: number): boolean {
    return this.failures.some((failure) => failure.firstRow < lastRow && failure.lastRow > firstRow)
  }

  private problemOnScreen(): AppError | null {
    const { wanted } = this
    if (!wanted) return null
    const { firstRow, lastRow } = wanted
    return this.failures.find((failure) => failure.firstRow < lastRow && failure.lastRow > firstRow)?.error ?? null
  }

  private change(part: Partial<ReadState>): void {
    this.state = { ...this.state, ...part, version: this.state.version + 1 }
    for (const listener of this.listeners) listener()
  }
}

function nextBlock(row: number): number {
  return (Math.floor(row / BLOCK_ROWS) + 1) * BLOCK_ROWS
}

function toAppError({ code, message, facts, requestId }: SentError): AppError {
  return new AppError(code, message, { facts: { ...facts }, ...(requestId !== null && { requestId }) })
}
