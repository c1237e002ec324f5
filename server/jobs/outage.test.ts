import { expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { useTestClock } from '@/testing/clock'
import { createTestHome } from '@/testing/homes/test-home'
import { retryUntilDone, Outage } from './outage'

const home = createTestHome()

const full = () => new AppError('storage-full', 'The disk of the database is full.')

it('An outage has longer pauses each time, up to a bound, and starts over after a success', () => {
  const outage = new Outage(home.services.log, 'looking')
  expect(Array.from({ length: 6 }, () => outage.recordFailure(full()))).toEqual([
    500, 1_000, 2_000, 4_000, 5_000, 5_000,
  ])
  outage.recordSuccess()
  expect(outage.recordFailure(full())).toBe(500)
})

it('An outage does not include unexpected failures', async () => {
  const bug = new TypeError('a bug')
  expect(() => new Outage(home.services.log, 'looking').recordFailure(bug)).toThrow(bug)
  const { signal } = new AbortController()
  await expect(retryUntilDone(home.services.log, () => Promise.reject(bug), { doing: 'looking', signal })).rejects.toBe(
    bug,
  )
})

it('An outage ends with the first success, so the work is done once', async () => {
  useTestClock().skipPauses()
  let attempts = 0
  const work = async () => {
    attempts += 1
    if (attempts < 2) throw full()
  }
  await retryUntilDone(home.services.log, work, { doing: 'looking', signal: new AbortController().signal })
  expect(attempts).toBe(2)
})

it('An outage ends with the signal', async () => {
  const stop = new AbortController()
  const work = () => {
    stop.abort()
    return Promise.reject(full())
  }
  await retryUntilDone(home.services.log, work, { doing: 'looking', signal: stop.signal })
  expect(stop.signal.aborted).toBe(true)
})
