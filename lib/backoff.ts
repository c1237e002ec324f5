/** In milliseconds: the pause after the first failure, and the longest. */
export type Backoff = { firstMs: number; maxMs: number }

/**
 * How long to wait before another attempt: twice as long after each failure, and up to half of it less at random, so that
 * callers that failed together do not come back together.
 *
 * @param failures how many attempts failed before the last one
 * @param random in [0, 1); 0 gives the whole pause
 * @returns milliseconds
 */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number, random = Math.random()): number {
  const fullMs = Math.min(firstMs * 2 ** failures, maxMs)
  return fullMs * (1 - random / 2)
}
