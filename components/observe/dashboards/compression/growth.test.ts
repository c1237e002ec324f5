import { expect, it } from 'vitest'
import { growthOf } from './growth'

const DAY_MS = 86_400_000
const level = (day: number, plainBytes: number | null) => ({
  atMs: day * DAY_MS,
  plainBytes,
  encodedBytes: plainBytes,
  storedBytes: 7,
  readShare: 1,
  retained: null,
})
/** 100 bytes a day, known from the third day on. */
const levels = (days: number) => Array.from({ length: days }, (_, day) => level(day, day < 2 ? null : 100 * day))

it('Growth goes on from the sizes of now at the rate of the days that are known', () => {
  expect(growthOf(levels(20), 30 * DAY_MS)).toEqual({
    toMs: 30 * DAY_MS,
    dayCount: 17,
    plainBytes: expect.closeTo(3_000, 6),
    encodedBytes: expect.closeTo(3_000, 6),
    storedBytes: 7,
  })
})

it('Growth is not said of fewer than 14 days, of a range that has ended, and where now is not known', () => {
  expect(growthOf(levels(16), 30 * DAY_MS)).toBeNull()
  expect(growthOf(levels(17), 30 * DAY_MS)?.dayCount).toBe(14)
  expect(growthOf(levels(20), 19 * DAY_MS)).toBeNull()
  expect(growthOf(levels(20), null)).toBeNull()
  expect(growthOf([...levels(20), level(20, null)], 30 * DAY_MS)).toBeNull()
})
