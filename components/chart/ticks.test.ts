import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { endLabelShifts, niceTicks, spacedIndices, spacedLabels } from './ticks'

const GiB = 2 ** 30

it.each([
  [0, 280_000, 'count', [0, 100_000, 200_000, 300_000]],
  [0, 3, 'count', [0, 1, 2, 3]],
  [0, 1, 'count', [0, 1]],
  [0, 3.48 * GiB, 'bytes', [0, GiB, 2 * GiB, 3 * GiB, 4 * GiB]],
  [5.04, 5.8, 'ratio', [5, 5.2, 5.4, 5.6, 5.8]],
] as const)('puts round ticks from %d to %d (%s)', (min, max, measure, ticks) => {
  const found = niceTicks(min, max, measure)
  expect(found.map((tick) => Math.round(tick * 1000) / 1000)).toEqual(ticks)
})

it('draws an axis even without values', () => {
  expect(niceTicks(0, 0, 'count')).toEqual([0, 1])
})

it('covers the maximum with at most seven ticks', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 50 }),
      fc.constantFrom('count' as const, 'bytes' as const),
      (max, measure) => {
        const ticks = niceTicks(0, max, measure)
        expect(ticks[0]).toBe(0)
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(max)
        expect(ticks.length).toBeLessThanOrEqual(7)
      },
    ),
    propertyRuns(),
  )
})

it('spaces labels evenly from the first', () => {
  expect(spacedIndices(24, 8)).toEqual([0, 3, 6, 9, 12, 15, 18, 21])
  expect(spacedIndices(3, 8)).toEqual([0, 1, 2])
})

it('labels positions at any distance without overlaps and repeated texts, the newest first', () => {
  const texts = ['08:30', '08:30', '08:44', '08:45', '08:46', '09:30']
  const labels = spacedLabels([0, 0.2, 0.4, 0.41, 0.42, 1], (index) => texts[index] ?? '')
  expect(labels).toEqual([
    { index: 1, at: 0.2, text: '08:30' },
    { index: 4, at: 0.42, text: '08:46' },
    { index: 5, at: 1, text: '09:30' },
  ])
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(9))), (points) => {
      const sorted = points.toSorted(([a], [b]) => a - b)
      const found = spacedLabels(
        sorted.map(([at]) => at),
        (index) => String(sorted[index]?.[1]),
      )
      expect(new Set(found.map(({ text }) => text)).size).toBe(found.length)
      const gaps = found.slice(1).map(({ at }, index) => at - (found[index]?.at ?? 0))
      expect(Math.min(1, ...gaps)).toBeGreaterThan(0.16)
    }),
    propertyRuns(),
  )
})

it('keeps labels at the ends of lines apart', () => {
  const axis = { min: 0, max: 100, heightPx: 100 }
  expect(endLabelShifts([80, 20], axis)).toEqual([0, 0])
  expect(endLabelShifts([50, 48], axis)).toEqual([0, 13])
  expect(endLabelShifts([0, 0], axis)).toEqual([-15, 0])
  expect(endLabelShifts([null, 50], axis)).toEqual([0, 0])
})
