import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { civilDate, daysSinceEpoch } from './calendar'

it('converts days to dates and back without change, and agrees with Date', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (days) => {
      expect(daysSinceEpoch(civilDate(days))).toBe(days)
    }),
    propertyRuns(),
  )
  const known = new Date(-12_345 * 86_400_000)
  const date = { year: known.getUTCFullYear(), month: known.getUTCMonth() + 1, day: known.getUTCDate() }
  expect(daysSinceEpoch(date)).toBe(-12_345)
})
