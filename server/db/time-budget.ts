import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { clock } from '@/server/timing/clock'

const BACKOFF = { firstMs: 5, maxMs: 500 }

/** How long work may be retried, measured by a monotonic clock. */
export class TimeBudget {
  readonly #endMs: number

  constructor(budgetMs: number) {
    this.#endMs = clock.elapsedMs() + budgetMs
  }

  leftMs(): number {
    return this.#endMs - clock.elapsedMs()
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
  await clock.pause(pauseMs)
  return true
}
