import 'server-only'
import { AppError } from '@/lib/errors'
import { TimeBudget } from '@/server/db/time-budget'
import { clock } from '@/server/timing/clock'

/** Maximum number of writers that wait for one table in one process. */
const MAX_WAITING = 1_000
const RETRY_AFTER_SECONDS = 1
/** How long a commit may wait for its turn and retry on newer metadata while other processes commit first. */
const COMMIT_BUDGET_MS = 15_000

type Waiter = { onAcquired: () => void }

/**
 * Lets writers of one table commit one after another. Otherwise each writer would write its metadata file, lose the
 * swap to another one and start over. The locks work within one process. Between processes the compare-and-swap
 * decides, and a writer that loses it keeps its lock and retries.
 */
export class TableLocks {
  /** By table: the writers that wait for the current one, in the order of their arrival. */
  readonly #waiting = new Map<string, Waiter[]>()
  readonly #budgetMs: number

  constructor({ budgetMs = COMMIT_BUDGET_MS }: { budgetMs?: number } = {}) {
    this.#budgetMs = budgetMs
  }

  /** The time budget of one commit, for waiting and all attempts together. */
  newBudget(): TimeBudget {
    return new TimeBudget(this.#budgetMs)
  }

  /**
   * Waits until this writer holds the locks of all these tables.
   *
   * @param labels of tables; different tables must have different labels
   * @returns a function that releases the locks
   * @throws {AppError} table-busy when the budget ends first or too many wait already, cancelled
   */
  async acquire(labels: readonly string[], budget: TimeBudget, signal?: AbortSignal): Promise<() => void> {
    const acquired: string[] = []
    const release = () => {
      for (const label of acquired.splice(0)) this.#releaseOne(label)
    }
    try {
      // All writers acquire several tables in the same order, so that no two wait for each other.
      for (const label of [...new Set(labels)].sort()) {
        await this.#acquireOne(label, budget, signal)
        acquired.push(label)
      }
      return release
    } catch (error) {
      release()
      throw error
    }
  }

  #acquireOne(label: string, budget: TimeBudget, signal: AbortSignal | undefined): Promise<void> {
    const waiting = this.#waiting.get(label)
    if (!waiting) {
      this.#waiting.set(label, [])
      return Promise.resolve()
    }
    if (waiting.length >= MAX_WAITING) return Promise.reject(tableBusyError(label))
    return new Promise((resolve, reject) => {
      const giveUp = (reason: unknown) => {
        waiting.splice(waiting.indexOf(waiter), 1)
        stopWaiting()
        reject(reason)
      }
      const cancel = () => giveUp(signal?.reason)
      const timer = clock.after(Math.max(0, budget.leftMs()), () => giveUp(tableBusyError(label)))
      const stopWaiting = () => {
        timer.cancel()
        signal?.removeEventListener('abort', cancel)
      }
      const waiter: Waiter = {
        onAcquired: () => {
          stopWaiting()
          resolve()
        },
      }
      waiting.push(waiter)
      signal?.addEventListener('abort', cancel, { once: true })
    })
  }

  #releaseOne(label: string): void {
    const next = this.#waiting.get(label)?.shift()
    if (next) next.onAcquired()
    else this.#waiting.delete(label)
  }
}

/** The commit was not made: the client may send it again. */
export function tableBusyError(label: string): AppError {
  return new AppError(
    'table-busy',
    `Too many writers commit to ${label} at the same time. Nothing was changed; send the commit again.`,
    { facts: { pauseSeconds: RETRY_AFTER_SECONDS } },
  )
}
