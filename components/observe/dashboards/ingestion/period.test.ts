import { describe, expect, it } from 'vitest'
import { endOfRange, PERIOD_NAMES, periodFromQuery, type PeriodName } from './period'
import { periodLabel } from './period-label'

const BERLIN = 'Europe/Berlin'
const nowMs = Date.parse('2026-11-21T15:06:12+01:00')

function textOf(range: PeriodName, timeZone = BERLIN, now = nowMs) {
  const period = periodFromQuery({ range, from: null, to: null }, { nowMs: now, timeZone })
  const { fromMs, toMs, previousFromMs, step } = period
  const previous = { fromMs: previousFromMs, toMs: Math.min(previousFromMs + toMs - fromMs, fromMs) }
  const label = (span: typeof previous) => periodLabel(span, { nowMs: now, timeZone })
  return `${label(period)}, each ${step}, against ${label(previous)}`
}

describe('The periods of ingestion', () => {
  it.each<[PeriodName, string]>([
    ['24h', '20 Nov 16:00 to now, each hour, against 19 Nov 16:00 to 20 Nov 16:00'],
    ['7d', '15 Nov to now, each day, against 8 to 14 Nov, 16:00'],
    ['30d', '23 Oct to now, each day, against 23 Sep to 22 Oct, 17:00'],
    ['month', '1 Nov to now, each day, against 1 to 21 Oct, 16:00'],
    ['yesterday', '20 Nov, each hour, against 19 Nov'],
    ['week', '16 Nov to now, each day, against 9 to 14 Nov, 16:00'],
    ['last-week', '9 to 15 Nov, each day, against 2 to 8 Nov'],
    ['quarter', '1 Oct to now, each day, against 1 Jul to 21 Aug, 17:00'],
  ])('cover %s, and one as long before it', (range, text) => {
    expect(textOf(range)).toBe(text)
  })

  it('end with their week, month or quarter, which others do not have', () => {
    const endOf = (range: PeriodName) => {
      const atMs = endOfRange(range, { nowMs, timeZone: BERLIN })
      return atMs === null ? null : new Date(atMs).toISOString()
    }
    expect([endOf('week'), endOf('month'), endOf('quarter'), endOf('30d')]).toEqual([
      '2026-11-22T23:00:00.000Z',
      '2026-11-30T23:00:00.000Z',
      '2026-12-31T23:00:00.000Z',
      null,
    ])
  })

  it('compare a longer month with the whole month before it', () => {
    const march = Date.parse('2026-03-31T22:30:00+02:00')
    expect(textOf('month', BERLIN, march)).toBe('1 Mar to now, each day, against 1 to 28 Feb')
    expect(textOf('last-month', BERLIN, march)).toBe('1 to 28 Feb, each day, against 1 to 28 Jan')
  })

  it('stay the same until the next hour, and are never empty', () => {
    for (const range of PERIOD_NAMES) {
      const clock = { timeZone: 'Asia/Kolkata', nowMs }
      const period = periodFromQuery({ range, from: null, to: null }, clock)
      expect(periodFromQuery({ range, from: null, to: null }, { ...clock, nowMs: nowMs + 60_000 })).toEqual(period)
      expect(period.toMs).toBeGreaterThan(period.fromMs)
      expect(period.previousFromMs).toBeLessThan(period.fromMs)
    }
  })

  it('may be any time, which is widened to whole hours', () => {
    const [from, to] = [Date.parse('2026-11-20T10:20:00Z'), Date.parse('2026-11-20T12:10:00Z')]
    const period = periodFromQuery({ range: '30d', from, to }, { nowMs, timeZone: BERLIN })
    expect(periodLabel(period, { nowMs, timeZone: BERLIN })).toBe('20 Nov 11:00 to 14:00')
  })
})
