import { expect, it } from 'vitest'
import { byLateness, computeRhythmMs } from './freshness'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

it('computes the median time between loads', () => {
  const times = [0, 1, 2, 3, 9, 10].map((hour) => hour * HOUR_MS)
  expect(computeRhythmMs(times)).toBe(HOUR_MS)
  expect(computeRhythmMs([0, 1, 2, 5, 9].map((hour) => hour * HOUR_MS)), 'of an even number').toBe(2 * HOUR_MS)
})

it('counts commits within a minute as one load, so that filling a table once gives no usual interval', () => {
  expect(computeRhythmMs([0, 1_000, 2_000, 3_000, 4_000, 5_000])).toBeNull()
  expect(computeRhythmMs([0, 5_000, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS])).toBe(HOUR_MS)
})

it('gives no usual interval with fewer than four loads', () => {
  expect(computeRhythmMs([])).toBeNull()
  expect(computeRhythmMs([0, HOUR_MS, 2 * HOUR_MS])).toBeNull()
})

it('lists the latest tables first and those without a usual interval last', () => {
  const table = (name: string, agoMs: number, medianIntervalMs: number | null) => ({
    table: { catalog: 'lake', namespace: ['demo'], table: name },
    lastCommitMs: 100 * HOUR_MS - agoMs,
    medianIntervalMs,
  })
  const listed = [
    table('in time', HOUR_MS, 2 * HOUR_MS),
    table('not judged', 90 * HOUR_MS, null),
    table('late', HOUR_MS, 10 * MINUTE_MS),
  ].sort(byLateness(100 * HOUR_MS))
  expect(listed.map(({ table }) => table.table)).toEqual(['late', 'in time', 'not judged'])
})
