import { expect, it } from 'vitest'
import { RANGES, type RangeName, spanBetween, spanOfRange } from './span'

const now = new Date(2026, 10, 20, 9, 41, 12).getTime()

it('ends with the step that now is in, on a whole hour of the zone', () => {
  const { fromMs, toMs, stepMs } = spanOfRange('24h', now)
  expect(new Date(toMs)).toEqual(new Date(2026, 10, 20, 10))
  expect((toMs - fromMs) / stepMs).toBe(24)
})

it('begins days at midnight of the zone', () => {
  expect(new Date(spanOfRange('30d', now).toMs)).toEqual(new Date(2026, 10, 21))
})

it('stays the same until the next step begins', () => {
  for (const range of Object.keys(RANGES) as RangeName[]) {
    expect(spanOfRange(range, now + 1000)).toEqual(spanOfRange(range, now))
  }
})

it('cuts any span into few round steps that hold it whole', () => {
  for (const lengthMs of [1, 90_000, 3_600_000, 86_400_000, 400 * 86_400_000, 40 * 365 * 86_400_000]) {
    const { fromMs, toMs, stepMs } = spanBetween(now, now + lengthMs)
    expect(fromMs).toBeLessThanOrEqual(now)
    expect(toMs).toBeGreaterThanOrEqual(now + lengthMs)
    expect((toMs - fromMs) / stepMs).toBeLessThanOrEqual(62)
  }
})
