import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { clock } from '@/server/timing/clock'

/**
 * When a request is retried. A 429 means that the server did nothing, so every request is retried; after other
 * transient failures only idempotent requests are. The rules follow Java's `ExponentialHttpRequestRetryStrategy`.
 */

export const MAX_ATTEMPTS = 5

/** For callers that need an early failure. `timeoutMs` applies to one attempt. */
export type RetryPolicy = { maxAttempts: number; timeoutMs: number }

const BACKOFF = { firstMs: 250, maxMs: 10_000 }
/** When a catalog asks for a longer wait, the request fails at once. */
const MAX_RETRY_AFTER_MS = 30_000

const TRANSIENT_STATUSES = [408, 500, 502, 503, 504]

/** @returns how long to wait before the next attempt, in milliseconds; null: no retry */
export function retryDelayMs(
  { status, retryAfter }: { status: number; retryAfter: string | null },
  {
    attempts,
    isIdempotent,
    maxAttempts = MAX_ATTEMPTS,
  }: { attempts: number; isIdempotent: boolean; maxAttempts?: number },
  nowMs: number,
): number | null {
  const isRetried = status === 429 || (isIdempotent && TRANSIENT_STATUSES.includes(status))
  if (!isRetried || attempts >= maxAttempts) return null
  const requestedMs = retryAfterMs(retryAfter, nowMs)
  if (requestedMs === null) return attemptPauseMs(attempts)
  return requestedMs > MAX_RETRY_AFTER_MS ? null : requestedMs
}

/**
 * Exponential backoff with jitter, so that clients that failed together do not retry together.
 *
 * @param attempts how many have failed, one at least
 */
export function attemptPauseMs(attempts: number): number {
  return backoffMs(BACKOFF, attempts - 1)
}

/** RFC 9110, *Retry-After*: seconds or a date. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs)
}

/** @throws the signal's reason when it fires during the pause */
export async function pauseOrThrow(ms: number, signal?: AbortSignal): Promise<void> {
  await clock.pause(ms, signal)
  signal?.throwIfAborted()
}
