import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { MAX_RETRY_PAUSE_MS } from '@/server/db/jobs/run-leases'

/** How often a run that fails with a transient failure is retried. */
export const MAX_RETRIES = 5

const BACKOFF = { firstMs: 5_000, maxMs: MAX_RETRY_PAUSE_MS }

/**
 * How long a run waits before a retry: twice as long each time, minus a random part of up to half, so that runs that
 * failed together are not retried together.
 *
 * @param retries how often it was retried already
 * @param random in [0, 1)
 */
export function retryPauseMs(retries: number, random: number): number {
  return Math.round(backoffMs(BACKOFF, retries, random))
}
