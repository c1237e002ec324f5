import { expect, it } from 'vitest'
import { toPeriod } from './period-steps'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const inDays = { step: 'hour', timeZone: 'UTC', grain: 'day' } as const

it('A period within a day of which only the sum is stored is that day, also before 1970', () => {
  const day = { fromMs: DAY_MS, toMs: 2 * DAY_MS, startsMs: [DAY_MS] }
  expect(toPeriod({ fromMs: DAY_MS + 5 * HOUR_MS, toMs: DAY_MS + 6 * HOUR_MS }, inDays)).toEqual(day)
  expect(toPeriod({ fromMs: -HOUR_MS, toMs: 0 }, inDays)).toEqual({ fromMs: -DAY_MS, toMs: 0, startsMs: [-DAY_MS] })
  expect(() => toPeriod({ fromMs: DAY_MS, toMs: DAY_MS }, inDays)).toThrow('The time range is empty.')
})
