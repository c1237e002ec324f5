import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { backoffMs } from './backoff'

it('The pause doubles with each failure up to its maximum', () => {
  const pauses = [0, 1, 2, 3, 4, 60].map((failures) => backoffMs({ firstMs: 5, maxMs: 50 }, failures, 0))
  expect(pauses).toEqual([5, 10, 20, 40, 50, 50])
})

it('The pause is between half and the whole of that, at random', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.nat(2000), chance, (failures, random) => {
      const fullMs = backoffMs({ firstMs: 250, maxMs: 10_000 }, failures, 0)
      const ms = backoffMs({ firstMs: 250, maxMs: 10_000 }, failures, random)
      expect(ms).toBeGreaterThan(fullMs / 2 - 1e-9)
      expect(ms).toBeLessThanOrEqual(fullMs)
    }),
    propertyRuns(),
  )
})
