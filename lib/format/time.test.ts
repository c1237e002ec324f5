import { describe, expect, it } from 'vitest'
import {
  formatClock,
  formatDate,
  formatDay,
  formatExactTime,
  formatMonth,
  formatRelativeTime,
  formatRelativeTimeWithSeconds,
  formatNearbyTime,
  formatTimeOfDay,
  formatTimeTitle,
  parseClockTime,
  startOfDay,
} from './time'

const BERLIN = 'Europe/Berlin'
const now = Date.parse('2026-11-20T09:40:00+01:00')

describe('relative time', () => {
  it.each([
    ['2026-11-20T09:39:58+01:00', 'just now'],
    ['2026-11-20T09:39:20+01:00', '40 s ago'],
    ['2026-11-20T09:36:30+01:00', '3 min ago'],
    ['2026-11-20T08:41:00+01:00', '59 min ago'],
    ['2026-11-20T05:39:00+01:00', '4 h ago'],
    ['2026-11-20T00:10:00+01:00', '9 h ago'],
    ['2026-11-19T14:02:00+01:00', 'yesterday 14:02'],
    ['2026-11-19T00:00:30+01:00', 'yesterday 00:00'],
    ['2026-11-18T21:40:00+01:00', '18 Nov 21:40'],
    ['2026-10-17T12:00:00+02:00', '17 Oct 2026'],
    ['2001-07-01T00:00:00Z', '1 Jul 2001'],
    ['2026-11-20T09:43:00+01:00', 'in 3 min'],
    ['2026-11-20T10:39:40+01:00', 'in 1 h'],
    ['2026-11-21T09:39:00+01:00', 'in 1 d'],
    ['2026-11-27T09:39:00+01:00', 'in 7 d'],
    ['2026-11-20T09:40:20+01:00', 'just now'],
  ])('%s', (at, text) => {
    expect(formatRelativeTime(Date.parse(at), now, BERLIN)).toBe(text)
  })

  it('writes an expiry day with its year, in the reader’s time zone', () => {
    const lateInUtc = Date.parse('2026-12-31T23:30:00Z')
    expect(formatDate(lateInUtc, 'UTC')).toBe('31 Dec 2026')
    expect(formatDate(lateInUtc, BERLIN)).toBe('1 Jan 2027')
  })

  it.each([
    ['2026-11-20T09:36:30+01:00', '3 min ago, 09:36:30'],
    ['2026-11-19T14:02:11+01:00', 'yesterday 14:02:11'],
    ['2026-11-18T21:40:07+01:00', '18 Nov 21:40:07'],
    ['2026-10-17T12:00:00+02:00', '17 Oct 2026, 12:00:00'],
  ])('tells times apart by their seconds: %s', (at, text) => {
    expect(formatRelativeTimeWithSeconds(Date.parse(at), now, BERLIN)).toBe(text)
  })

  it('counts up to six hours even across midnight', () => {
    const early = Date.parse('2026-11-20T01:10:00+01:00')
    expect(formatRelativeTime(early - 2 * 3_600_000, early, BERLIN)).toBe('2 h ago')
  })

  it('finds yesterday on the day the clocks change', () => {
    const sunday = Date.parse('2026-10-26T00:30:00+01:00')
    expect(formatRelativeTime(Date.parse('2026-10-25T02:30:00+02:00'), sunday, BERLIN)).toBe('yesterday 02:30')
  })
})

it('gives the exact time with zone and epoch milliseconds', () => {
  const at = Date.parse('2026-11-19T14:02:11+01:00')
  expect(formatExactTime(at, BERLIN)).toBe('19 Nov 2026, 14:02:11 UTC+1')
  expect(formatTimeTitle(at, BERLIN)).toBe(`19 Nov 2026, 14:02:11 UTC+1 (Europe/Berlin), ${at} ms since 1970`)
  expect([formatTimeOfDay(at, BERLIN), formatDay(at, BERLIN), formatMonth(at, BERLIN)]).toEqual([
    '14:02',
    '19 Nov',
    'Nov 2026',
  ])
})

it('abbreviates September to three letters like the other months', () => {
  expect(formatDay(Date.parse('2026-09-01T12:00:00Z'), 'UTC')).toBe('1 Sep')
})

it('labels an exact time with the offset that holds at that time', () => {
  const summer = Date.parse('2026-07-01T12:00:00Z')
  expect(formatExactTime(summer, BERLIN)).toBe('1 Jul 2026, 14:00:00 UTC+2')
  expect(formatExactTime(summer, 'UTC')).toBe('1 Jul 2026, 12:00:00 UTC')
  expect(formatExactTime(summer, 'Asia/Kolkata')).toBe('1 Jul 2026, 17:30:00 UTC+5:30')
  expect(formatClock(summer, 'America/New_York')).toBe('08:00:00')
})

it.each([
  ['2026-11-19T14:02:11', BERLIN, '2026-11-19T13:02:11Z'],
  ['2026-11-19T14:02', 'UTC', '2026-11-19T14:02:00Z'],
  ['2026-03-29T03:30', BERLIN, '2026-03-29T01:30:00Z'],
  ['2026-10-25T04:00', BERLIN, '2026-10-25T03:00:00Z'],
])('reads %s of a clock in %s', (text, timeZone, at) => {
  expect(parseClockTime(text, timeZone)).toBe(Date.parse(at))
})

it('reads no instant from a text that is not a time', () => {
  expect(parseClockTime('', BERLIN)).toBeNaN()
  expect(parseClockTime('tomorrow', BERLIN)).toBeNaN()
})

it.each([
  ['Europe/Berlin', '2026-11-20T09:40:00.123+01:00', '2026-11-20T00:00:00+01:00'],
  ['Europe/Berlin', '2026-11-20T23:30:00Z', '2026-11-21T00:00:00+01:00'],
  ['Asia/Kolkata', '2026-11-20T03:10:00Z', '2026-11-20T00:00:00+05:30'],
  ['America/New_York', '2026-11-20T03:10:00Z', '2026-11-19T00:00:00-05:00'],
  // Days on which clocks change.
  ['Europe/Berlin', '2026-03-29T12:00:00+02:00', '2026-03-29T00:00:00+01:00'],
  ['Europe/Berlin', '2026-10-25T12:00:00+01:00', '2026-10-25T00:00:00+02:00'],
  ['UTC', '1969-12-31T23:00:00.250Z', '1969-12-31T00:00:00Z'],
])('starts a day in %s at midnight there, as of %s', (timeZone, at, midnight) => {
  expect(startOfDay(Date.parse(at), timeZone)).toBe(Date.parse(midnight))
})

it('names the day of a nearby time, whatever its hour', () => {
  const nowMs = Date.UTC(2026, 10, 21, 12, 0)
  const nearby = (...at: [number, number, number]) => formatNearbyTime(Date.UTC(2026, 10, ...at), nowMs, BERLIN)
  expect([nearby(21, 13, 3), nearby(20, 22, 59), nearby(21, 23, 30), nearby(19, 13, 3)]).toEqual([
    '14:03',
    'yesterday 23:59',
    'tomorrow 00:30',
    '19 Nov 14:03',
  ])
})
