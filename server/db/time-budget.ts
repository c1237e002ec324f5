import 'server-only'
import { setTimeout as pause } from 'node:timers/promises'

const PAUSE_MS = { min: 5, max: 500 }

/** How long work may be retried, measured by a monotonic clock. */
export class TimeBudget {
  readonly #endMs: number

  constructor(budgetMs: number) {
    this.#endMs = performance.now() + budgetMs
  }

  leftMs(): number {
    return this.#endMs - performance.now()
  }
}

/**
 * Waits before another attempt: longer each time, with random jitter, so that two writers that collided do not collide
 * again.
 *
 * @returns false, at once, when the budget has no room for another attempt
 */
export async function pauseBeforeRetry(budget: TimeBudget, attempts: number): Promise<boolean> {
  const maxPauseMs = Math.min(PAUSE_MS.max, PAUSE_MS.min * 2 ** attempts)
  const pauseMs = maxPauseMs * (0.5 + Math.random() / 2)
  if (pauseMs > budget.leftMs()) return false
  await pause(pauseMs)
  return true
}
