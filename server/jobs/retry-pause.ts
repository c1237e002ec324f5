import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { MAX_RETRY_PAUSE_MS } from '@/server/db/jobs/run-leases'

/** A run whose failure is worth it is tried so often again. */
export const MAX_RETRIES = 5

const BACKOFF = { firstMs: 5_000, maxMs: MAX_RETRY_PAUSE_MS }

/**
 * How long a run waits before it is tried again: twice as long each time, and a random half of it less, so that runs
 * that failed together do not come back together.
 *
 * @param retries how often it was tried again already
 * @param random in [0, 1)
 */
export function retryPauseMs(retries: number, random: number): number {
  return Math.round(backoffMs(BACKOFF, retries, random))
}
