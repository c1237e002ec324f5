import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { setTimeout as pause } from 'node:timers/promises'

const BACKOFF = { firstMs: 5, maxMs: 500 }

/** How long something may be attempted again; measured by a clock that nobody sets. */
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
 * Waits before another attempt: longer with each, and scattered, so that two that collided do not collide again.
 *
 * @returns false, at once, when the budget has no room for another
 */
export async function pauseBeforeRetry(budget: TimeBudget, attempts: number): Promise<boolean> {
  const pauseMs = backoffMs(BACKOFF, attempts)
  if (pauseMs > budget.leftMs()) return false
  await pause(pauseMs)
  return true
}
