import type { ReadCost } from '@/lib/scan/data-files'
import { toFailure } from '../failure'
import type { ObservedState } from './observed-state'
import type { SortState } from './read-state'
import type { RowOrder } from './sort-rows'

/** Puts rows in order, and reports how many were read for it. */
export type SortRows = (options: {
  onProgress: (readRows: number, cost: ReadCost) => void
  signal: AbortSignal
}) => Promise<Uint32Array>

/** The order of the rows on screen, and the sort that works on another one. */
export class RowSorting {
  readonly #state: ObservedState
  readonly #onArrange: () => void
  #order: Uint32Array | null = null
  #running: AbortController | null = null

  /** @param onArrange is called when the rows get another order, before the state says so */
  constructor(state: ObservedState, onArrange: () => void) {
    this.#state = state
    this.#onArrange = onArrange
  }

  /** The row for each row on screen, as they are without an order; null without one. */
  get order(): Uint32Array | null {
    return this.#order
  }

  get isRunning(): boolean {
    return this.#running !== null
  }

  /** Puts the rows in an order, and ends the sort that runs. Returns false if it was ended itself. */
  async run(order: RowOrder, sortRows: SortRows): Promise<boolean> {
    this.#cancel()
    const controller = new AbortController()
    this.#running = controller
    const { signal } = controller
    this.#state.update({ sort: { status: 'running', order, readRows: 0 } })
    const onProgress = (readRows: number, cost: ReadCost) => {
      if (!signal.aborted) this.#state.update({ cost, sort: { status: 'running', order, readRows } })
    }
    try {
      const sorted = await sortRows({ onProgress, signal })
      if (signal.aborted) return false
      this.#arrange(sorted, { status: 'sorted', order })
    } catch (error) {
      if (signal.aborted) return false
      const failure = toFailure(error)
      if (failure.code === 'token-expired') this.#state.update({ isExpired: true })
      this.#state.update({ sort: { status: 'failed', order, error: failure } })
    }
    this.#running = null
    return true
  }

  /** Ends the sort that runs. The rows stay in the order that they have. */
  stop(): void {
    if (this.#running) this.#state.update({ sort: { status: 'none' } })
    this.#cancel()
  }

  /** Shows the rows without an order, and ends the sort that runs. */
  reset(): void {
    this.#cancel()
    if (this.#order !== null || this.#state.current.sort.status !== 'none') this.#arrange(null, { status: 'none' })
  }

  #cancel(): void {
    this.#running?.abort()
    this.#running = null
  }

  #arrange(order: Uint32Array | null, sort: SortState): void {
    this.#order = order
    this.#onArrange()
    this.#state.updateValues({ sort, problem: null })
  }
}
