import { expect, it } from 'vitest'
import { addCommitTime, NO_RHYTHM, usualIntervalMs } from './rhythm'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const intervalOf = (times: readonly number[]) => usualIntervalMs(times.reduce(addCommitTime, NO_RHYTHM))

it('The usual interval is the median time between loads', () => {
  const times = [0, 1, 2, 3, 9, 10].map((hour) => hour * HOUR_MS)
  expect(intervalOf(times)).toBe(HOUR_MS)
  expect(intervalOf([0, 1, 2, 5, 9].map((hour) => hour * HOUR_MS)), 'of an even number').toBe(2 * HOUR_MS)
})

it('The usual interval is that of the newest thirty loads', () => {
  const slow = Array.from({ length: 40 }, (_, day) => day * 24 * HOUR_MS)
  const fast = Array.from({ length: 30 }, (_, hour) => (40 * 24 + hour) * HOUR_MS)
  expect(intervalOf([...slow, ...fast])).toBe(HOUR_MS)
})

it('Commits within a minute are one load, so that filling a table once gives no usual interval', () => {
  expect(intervalOf([0, 1_000, 2_000, 3_000, 4_000, 5_000])).toBeNull()
  expect(intervalOf([0, 5_000, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS])).toBe(HOUR_MS)
  const stream = Array.from({ length: 1_000 }, (_, commit) => commit * MINUTE_MS)
  expect(stream.reduce(addCommitTime, NO_RHYTHM)).toEqual({ lastCommitMs: 999 * MINUTE_MS, loadsMs: [0] })
})

it('There is no usual interval with fewer than four loads', () => {
  expect(intervalOf([])).toBeNull()
  expect(intervalOf([0, HOUR_MS, 2 * HOUR_MS])).toBeNull()
})
