import type { SkippedByFilter } from '@/lib/contract/table/scan'
import type { AppError } from '@/lib/errors'
import type { ObservedState } from './observed-state'
import type { SearchState } from './read-state'
import type { OpenScan } from './row-worker'
import { deserializeError } from './serialized-error'
import { requireSortable } from './sort-rows'

const NOTHING = { rowGroups: 0, rows: 0 }
const EMPTY_PROGRESS = {
  matchCount: 0,
  isComplete: false,
  filesSearched: 0,
  rowGroupsSearched: 0,
  skipped: { statistics: NOTHING, 'bloom-filter': NOTHING, dictionary: NOTHING, 'page-index': NOTHING },
}

const COUNTING = { running: 'running', paused: 'paused', failed: 'failed', complete: 'exact' } as const

/** A search that has not read anything yet. */
export function initialSearch(skipped: SkippedByFilter): SearchState {
  return { status: 'running', problem: null, progress: EMPTY_PROGRESS, skipped }
}

/** The search for rows that pass a filter, file by file, until the bytes that may be read unasked are read. */
export class MatchSearch {
  readonly #state: ObservedState
  readonly #openScan: () => OpenScan
  #maxBytes: number

  /** @param state has a search already */
  constructor(state: ObservedState, openScan: () => OpenScan, maxBytes: number) {
    this.#state = state
    this.#openScan = openScan
    this.#maxBytes = maxBytes
  }

  get isRunning(): boolean {
    return this.#state.current.search?.status === 'running'
  }

  /** Lets it go on to the last file, however much has to be read. */
  allowAll(): void {
    this.#maxBytes = Number.POSITIVE_INFINITY
    if (this.#state.current.search?.status !== 'complete') this.#update({ status: 'running', problem: null })
  }

  pause(): void {
    if (this.isRunning) this.#update({ status: 'paused' })
  }

  fail(problem: AppError): void {
    this.#update({ status: 'failed', problem })
  }

  setSkipped(skipped: SkippedByFilter): void {
    this.#update({ skipped })
  }

  /** Searches for a while. @throws {AppError} why it goes no further */
  async step(signal: AbortSignal): Promise<void> {
    const { progress, problem, cost, elapsedMs } = await this.#openScan().search(this.#maxBytes, signal)
    const isOver = cost.bytesRead >= this.#maxBytes
    const before = this.#state.current.search?.status ?? 'running'
    const status = progress.isComplete ? 'complete' : before === 'running' && isOver ? 'paused' : before
    this.#state.update({ cost, elapsedMs: (this.#state.current.elapsedMs ?? 0) + elapsedMs })
    this.#update({ status, progress })
    if (problem) throw deserializeError(problem)
  }

  /**
   * Searches all files. Returns how many rows match.
   *
   * @throws {AppError} too-large for more rows than can be sorted; of reading; cancelled
   */
  async searchAll(signal: AbortSignal): Promise<number> {
    this.allowAll()
    while (this.isRunning) {
      await this.step(signal)
      requireSortable(this.#state.current.rowCount)
    }
    signal.throwIfAborted()
    return this.#state.current.rowCount
  }

  #update(update: Partial<SearchState>): void {
    const { search: before, rowCount } = this.#state.current
    if (!before) return
    const search = { ...before, ...update }
    this.#state.update({
      search,
      counting: COUNTING[search.status],
      countProblem: search.problem,
      // A worker that had to be restarted begins again, and finds the same rows.
      rowCount: Math.max(rowCount, search.progress.matchCount),
    })
  }
}
