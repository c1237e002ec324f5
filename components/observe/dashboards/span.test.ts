import { expect, it } from 'vitest'
import { RANGES, type RangeName, spanBetween, spanForRange } from './span'

const BERLIN = 'Europe/Berlin'
const now = Date.parse('2026-11-20T09:41:12+01:00')

it('ends with the step that contains now, on a whole hour of the time zone', () => {
  const { fromMs, toMs, stepMs } = spanForRange('24h', now, BERLIN)
  expect(new Date(toMs)).toEqual(new Date('2026-11-20T10:00:00+01:00'))
  expect((toMs - fromMs) / stepMs).toBe(24)
})

it('begins days at midnight of the time zone', () => {
  expect(new Date(spanForRange('30d', now, BERLIN).toMs)).toEqual(new Date('2026-11-21T00:00:00+01:00'))
  expect(new Date(spanForRange('30d', now, 'Asia/Tokyo').toMs)).toEqual(new Date('2026-11-21T00:00:00+09:00'))
})

it('stays the same until the next step begins', () => {
  for (const range of Object.keys(RANGES) as RangeName[]) {
    expect(spanForRange(range, now + 1000, BERLIN)).toEqual(spanForRange(range, now, BERLIN))
  }
})

it('covers any span with at most 62 round steps', () => {
  for (const durationMs of [1, 90_000, 3_600_000, 86_400_000, 400 * 86_400_000, 40 * 365 * 86_400_000]) {
    const { fromMs, toMs, stepMs } = spanBetween(now, now + durationMs, BERLIN)
    expect(fromMs).toBeLessThanOrEqual(now)
    expect(toMs).toBeGreaterThanOrEqual(now + durationMs)
    expect((toMs - fromMs) / stepMs).toBeLessThanOrEqual(62)
  }
})
