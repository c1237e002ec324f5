import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { setTimeout as pause } from 'node:timers/promises'

const BACKOFF = { firstMs: 5, maxMs: 500 }

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
  const pauseMs = backoffMs(BACKOFF, attempts)
  if (pauseMs > budget.leftMs()) return false
  await pause(pauseMs)
  return true
}
