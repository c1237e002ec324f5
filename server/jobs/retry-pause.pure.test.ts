import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MAX_RETRY_PAUSE_MS } from '@/server/db/jobs/run-leases'
import { MAX_RETRIES, retryPauseMs } from './retry-pause'

it('doubles each time up to the longest pause, with any random jitter', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (retries, random) => {
      const wholeMs = retryPauseMs(retries, 0)
      expect(retryPauseMs(retries, random)).toBeGreaterThanOrEqual(wholeMs / 2 - 1)
      expect(retryPauseMs(retries, random)).toBeLessThanOrEqual(wholeMs)
      expect(wholeMs).toBeLessThanOrEqual(MAX_RETRY_PAUSE_MS)
      expect(retryPauseMs(retries + 1, 0)).toBe(Math.min(2 * wholeMs, MAX_RETRY_PAUSE_MS))
    }),
  )
})

it('adds up to a few minutes before a run fails for good', () => {
  const pauses = Array.from({ length: MAX_RETRIES }, (_, retries) => retryPauseMs(retries, 0))
  expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 80_000])
})
