import type { IngestionPeriod } from '@/lib/client/dashboards'
import { calendarDay, parseClockTime } from '@/lib/format/time'

/** The periods of *Ingestion*: days begin at midnight of the reader's zone, and the last hour is the current one. */

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

/** Those in the head of the page come first, the others are in its menu. */
export const PERIODS = {
  '24h': '24 h',
  '7d': '7 d',
  '30d': '30 d',
  month: 'This month',
  yesterday: 'Yesterday',
  week: 'This week',
  'last-week': 'Last week',
  'last-month': 'Last month',
  quarter: 'This quarter',
  '90d': '90 d',
  '1y': '1 year',
  '2y': '2 years',
} as const
export type PeriodName = keyof typeof PERIODS
export const PERIOD_NAMES = Object.keys(PERIODS) as PeriodName[]

/** The periods that a page offers: in its head and in its menu. `isByDay`: it has no hours. */
export type PeriodSet = { head: readonly PeriodName[]; menu: readonly PeriodName[]; isByDay: boolean }

export const ALL_PERIODS: PeriodSet = { head: PERIOD_NAMES.slice(0, 4), menu: PERIOD_NAMES.slice(4), isByDay: false }

/** Those of several days. */
export const DAY_PERIODS: PeriodSet = {
  head: ['7d', '30d', '90d', 'month'],
  menu: ['week', 'last-week', 'last-month', 'quarter', '1y', '2y'],
  isByDay: true,
}

export function namesOf({ head, menu }: PeriodSet): PeriodName[] {
  return [...head, ...menu]
}

/** Long enough to show the rhythm of tables that are written daily or weekly. */
export const DEFAULT_PERIOD: PeriodName = '30d'

export type PeriodQuery = { range: PeriodName; from: number | null; to: number | null }

type Clock = { nowMs: number; timeZone: string }

/** The period of an address: `?from=…&to=…` before `?range=…`. */
export function periodFromQuery({ range, from, to }: PeriodQuery, clock: Clock): IngestionPeriod {
  return from !== null && to !== null && to > from ? customPeriod(from, to, clock) : namedPeriod(range, clock)
}

function customPeriod(from: number, to: number, { timeZone }: Clock): IngestionPeriod {
  const fromMs = Math.floor(from / HOUR_MS) * HOUR_MS
  const toMs = endOfHour(to)
  return { ...withStep(fromMs, toMs), previousFromMs: fromMs - (toMs - fromMs), timeZone }
}

function namedPeriod(range: PeriodName, { nowMs, timeZone }: Clock): IngestionPeriod {
  const day = calendar(nowMs, timeZone)
  const toMs = endOfHour(nowMs)
  const between = (fromMs: number, previousFromMs: number, endMs = toMs): IngestionPeriod => ({
    ...withStep(fromMs, endMs),
    previousFromMs,
    timeZone,
  })
  const days = (count: number) => between(day.midnight(1 - count), day.midnight(1 - 2 * count))
  switch (range) {
    case '24h':
      return between(toMs - DAY_MS, toMs - 2 * DAY_MS)
    case '7d':
      return days(7)
    case '30d':
      return days(30)
    case '90d':
      return days(90)
    case '1y':
      return days(364)
    case '2y':
      return days(728)
    case 'yesterday':
      return between(day.midnight(-1), day.midnight(-2), day.midnight(0))
    case 'week':
      return between(day.monday(0), day.monday(-1))
    case 'last-week':
      return between(day.monday(-1), day.monday(-2), day.monday(0))
    case 'month':
      return between(day.month(0), day.month(-1))
    case 'last-month':
      return between(day.month(-1), day.month(-2), day.month(0))
    case 'quarter':
      return between(day.quarter(0), day.quarter(-1))
  }
}

/** When the week, the month or the quarter ends that a range has begun; null for other ranges. */
export function endOfRange(range: PeriodName | null, { nowMs, timeZone }: Clock): number | null {
  const day = calendar(nowMs, timeZone)
  if (range === 'week') return day.monday(1)
  if (range === 'month') return day.month(1)
  return range === 'quarter' ? day.quarter(1) : null
}

/** Hours below three days, weeks above a quarter. */
function withStep(fromMs: number, toMs: number): Pick<IngestionPeriod, 'fromMs' | 'toMs' | 'step'> {
  const days = (toMs - fromMs) / DAY_MS
  return { fromMs, toMs, step: days < 3 ? 'hour' : days < 93 ? 'day' : 'week' }
}

function endOfHour(atMs: number): number {
  return Math.ceil(atMs / HOUR_MS) * HOUR_MS
}

/** The midnights around a time, counted from its day, week, month and quarter. */
function calendar(nowMs: number, timeZone: string) {
  const { year, month, day: today } = calendarDay(nowMs, timeZone)
  const midnightOf = (months: number, day: number) =>
    parseClockTime(`${new Date(Date.UTC(year, months, day)).toISOString().slice(0, 10)}T00:00:00`, timeZone)
  const sinceMonday = (new Date(Date.UTC(year, month, today)).getUTCDay() + 6) % 7
  const firstOfQuarter = Math.floor(month / 3) * 3
  return {
    midnight: (days: number) => midnightOf(month, today + days),
    monday: (weeks: number) => midnightOf(month, today - sinceMonday + 7 * weeks),
    month: (months: number) => midnightOf(month + months, 1),
    quarter: (quarters: number) => midnightOf(firstOfQuarter + 3 * quarters, 1),
  }
}
