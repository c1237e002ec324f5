import 'server-only'
import { setTimeout } from 'node:timers/promises'

/**
 * When a request is sent again: 429 says that nothing was done, so any is; other passing failures only where doing it
 * twice does no harm. The rules of Java's `ExponentialHttpRequestRetryStrategy`.
 */

export const MOST_TRIES = 5

/** For who waits and is better told soon. `timeoutMs`: of one try. */
export type Patience = { mostTries: number; timeoutMs: number }

const PAUSE_MS = { first: 250, longest: 10_000 }
/** A catalog that asks for more patience is reported rather than waited for. */
const LONGEST_RETRY_AFTER_MS = 30_000

const PASSING = [408, 500, 502, 503, 504]

/** @returns how long to wait before the next try, in milliseconds; null: not again */
export function retryPauseMs(
  { status, retryAfter }: { status: number; retryAfter: string | null },
  { tries, isIdempotent, mostTries = MOST_TRIES }: { tries: number; isIdempotent: boolean; mostTries?: number },
  nowMs: number,
): number | null {
  const isRetried = status === 429 || (isIdempotent && PASSING.includes(status))
  if (!isRetried || tries >= mostTries) return null
  const asked = retryAfterMs(retryAfter, nowMs)
  if (asked === null) return pauseMs(tries)
  return asked > LONGEST_RETRY_AFTER_MS ? null : asked
}

/** Doubling, and scattered so that clients that failed together do not come back together. */
export function pauseMs(tries: number): number {
  const longest = Math.min(PAUSE_MS.longest, PAUSE_MS.first * 2 ** (tries - 1))
  return longest / 2 + (longest / 2) * Math.random()
}

/** RFC 9110, *Retry-After*: seconds or a date. */
function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs)
}

/** @throws the signal's reason when it fires meanwhile */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { ...(signal && { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
