import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitRange } from './split-range'
import { DAY_MS, HOUR_MS, monthStartMs } from './sum-tables'

const DAY_HOURS = DAY_MS / HOUR_MS
const START = Date.UTC(2024, 0, 1) / HOUR_MS
const END = Date.UTC(2026, 0, 1) / HOUR_MS

/** How often each hour of two years is in the sum. */
function countHours(parts: ReturnType<typeof splitRange>): Int8Array {
  const counts = new Int8Array(END - START)
  const toHour = (name: string, period: number) => {
    if (name.endsWith('_hours')) return period
    return name === 'fact_months' ? monthStartMs(period) / HOUR_MS : period * DAY_HOURS
  }
  for (const { name, from, to, isTaken } of parts) {
    const end = to === null ? END : toHour(name, to)
    for (let hour = toHour(name, from); hour < end; hour += 1) {
      if (hour >= START && hour < END) counts[hour - START] = (counts[hour - START] ?? 0) + (isTaken ? -1 : 1)
    }
  }
  return counts
}

describe('A range of time is split into stored sums', () => {
  const inside = fc.integer({ min: START + 32 * DAY_HOURS, max: END - 32 * DAY_HOURS })
  const sums = fc.constantFrom('lake' as const, 'days' as const, 'months' as const)
  const grain = fc.constantFrom('hour' as const, 'day' as const)

  it('that have each of its hours once, and no other', () => {
    fc.assert(
      fc.property(inside, fc.nat(500 * DAY_HOURS), fc.boolean(), sums, grain, (fromHour, hours, isOpen, of, by) => {
        const toHour = isOpen ? null : Math.min(fromHour + hours + 1, END - 32 * DAY_HOURS + 1)
        const counts = countHours(splitRange({ fromHour, toHour }, { grain: by, sums: of }))
        const end = toHour ?? END
        expect(
          counts.findIndex((count, index) => count !== Number(index + START >= fromHour && index + START < end)),
        ).toBe(-1)
      }),
      { numRuns: 200 },
    )
  })

  it('of months, with at most half of the days of a month at each end', () => {
    fc.assert(
      fc.property(inside, inside, (fromHour, toHour) => {
        const days = splitRange({ fromHour, toHour }, { grain: 'day', sums: 'months' })
          .filter(({ name }) => name === 'fact_days')
          .map(({ from, to }) => (to ?? 0) - from)
        expect(days.every((count) => count <= 16)).toBe(true)
      }),
    )
  })
})
