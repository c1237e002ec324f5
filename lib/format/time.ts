import { shownTimeZone } from './page-clock'

/**
 * Formats instants for people, in one time zone. Data values are never formatted by these functions: a row's timestamp
 * is shown unchanged. No function reads the clock: the caller passes `nowMs`.
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Up to this age hours are counted even across midnight; beyond it, "yesterday" is clearer. */
const MAX_AGE_IN_HOURS_MS = 6 * HOUR_MS
/** Up to this age a day is shown with its time; older ones with their year. */
const MAX_AGE_WITH_TIME_MS = 30 * DAY_MS

/**
 * `'just now'`, `'40 s ago'`, `'3 min ago'`, `'4 h ago'`, `'yesterday 14:02'`, `'18 Nov 21:40'`, then `'17 Oct 2026'`; ahead of now
 * `'in 3 min'`.
 *
 * @param timeZone IANA name; that of the page when left out
 */
export function formatRelativeTime(atMs: number, nowMs: number, timeZone?: string): string {
  const ageMs = nowMs - atMs
  if (ageMs < 0) return ageMs > -MINUTE_MS ? 'just now' : `in ${formatRough(-ageMs)}`
  if (ageMs < 5_000) return 'just now'
  if (ageMs < HOUR_MS) return `${formatRough(ageMs)} ago`
  const at = toTimeParts(atMs, timeZone)
  if (ageMs < MAX_AGE_IN_HOURS_MS || (ageMs < DAY_MS && at.day === toTimeParts(nowMs, timeZone).day)) {
    return `${formatRough(ageMs)} ago`
  }
  if (isDayBefore(at, nowMs, timeZone)) return `yesterday ${at.hour}:${at.minute}`
  if (ageMs < MAX_AGE_WITH_TIME_MS) return `${at.day} ${at.month} ${at.hour}:${at.minute}`
  return `${at.day} ${at.month} ${at.year}`
}

/** `'19 Nov 2026, 14:02:11'`: commits, audit, impact. */
export function formatExactTime(atMs: number, timeZone?: string): string {
  const { day, month, year, hour, minute, second } = toTimeParts(atMs, timeZone)
  return `${day} ${month} ${year}, ${hour}:${minute}:${second}`
}

/** The title behind a relative time: exact, with zone and epoch milliseconds. */
export function formatTimeTitle(atMs: number, timeZone: string): string {
  return `${formatExactTime(atMs, timeZone)} ${timeZone}, ${atMs} ms since 1970`
}

/** `'14:02'`. */
export function formatTimeOfDay(atMs: number, timeZone?: string): string {
  const { hour, minute } = toTimeParts(atMs, timeZone)
  return `${hour}:${minute}`
}

/** `'19 Nov 2026'`: the day something ends. */
export function formatDate(atMs: number, timeZone?: string): string {
  const { day, month, year } = toTimeParts(atMs, timeZone)
  return `${day} ${month} ${year}`
}

/** `'19 Nov'`, for axes that span days. */
export function formatDay(atMs: number, timeZone?: string): string {
  const { day, month } = toTimeParts(atMs, timeZone)
  return `${day} ${month}`
}

/** `'Nov 2026'`, for axes that span years. */
export function formatMonth(atMs: number, timeZone?: string): string {
  const { month, year } = toTimeParts(atMs, timeZone)
  return `${month} ${year}`
}

function formatRough(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / 1000)} s`
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`
  return `${Math.floor(ms / DAY_MS)} d`
}

type TimeParts = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string>

const formatters = new Map<string | undefined, Intl.DateTimeFormat>()

function toTimeParts(atMs: number, timeZone = shownTimeZone()): TimeParts {
  let formatter = formatters.get(timeZone)
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      ...(timeZone !== undefined && { timeZone }),
    })
    formatters.set(timeZone, formatter)
  }
  const parts = Object.fromEntries(formatter.formatToParts(atMs).map(({ type, value }) => [type, value]))
  const { year = '', month = '1', day = '', hour = '', minute = '', second = '' } = parts
  return { year, month: MONTHS[Number(month) - 1] ?? month, day, hour, minute, second }
}

function isDayBefore(at: TimeParts, nowMs: number, timeZone: string | undefined): boolean {
  // 24 h back can miss the day by an hour when clocks change; noon of today, one day back, cannot.
  const now = toTimeParts(nowMs, timeZone)
  const noonMs = nowMs - (Number(now.hour) - 12) * HOUR_MS
  const yesterday = toTimeParts(noonMs - DAY_MS, timeZone)
  return yesterday.day === at.day && yesterday.month === at.month && yesterday.year === at.year
}

/** Midnight of the day that `atMs` is in. */
export function startOfDay(atMs: number, timeZone = shownTimeZone()): number {
  if (timeZone === undefined) return new Date(atMs).setHours(0, 0, 0, 0)
  const guess = atMs - timeOfDayMs(atMs, timeZone)
  // When clocks changed since midnight, the guess is late or early by the change.
  const off = timeOfDayMs(guess, timeZone)
  return off > 12 * HOUR_MS ? guess + DAY_MS - off : guess - off
}

function timeOfDayMs(atMs: number, timeZone: string): number {
  const { hour, minute, second } = toTimeParts(atMs, timeZone)
  const belowSecondMs = ((atMs % 1000) + 1000) % 1000
  return Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS + Number(second) * 1000 + belowSecondMs
}
