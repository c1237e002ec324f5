import { cacheByZone } from './cache-by-zone'

/**
 * Formats instants for people, in the time zone of the reader: an IANA name. Data values are never formatted by these functions: a row's timestamp
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
 */
export function formatRelativeTime(atMs: number, nowMs: number, timeZone: string): string {
  const ageMs = nowMs - atMs
  if (ageMs < 0) return ageMs > -MINUTE_MS ? 'just now' : `in ${formatRough(-ageMs, Math.round)}`
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

/**
 * As {@link formatRelativeTime}, with the time to the second, for times that would read the same: `'3 min ago, 09:36:30'`,
 * `'yesterday 14:02:11'`.
 */
export function formatRelativeTimeWithSeconds(atMs: number, nowMs: number, timeZone: string): string {
  const relative = formatRelativeTime(atMs, nowMs, timeZone)
  const { hour, minute, second } = toTimeParts(atMs, timeZone)
  return relative.endsWith(` ${hour}:${minute}`)
    ? `${relative}:${second}`
    : `${relative}, ${formatClock(atMs, timeZone)}`
}

/** `'19 Nov 2026, 14:02:11 UTC+1'`: commits, audit, impact. */
export function formatExactTime(atMs: number, timeZone: string): string {
  const { day, month, year, offset } = toTimeParts(atMs, timeZone)
  return `${day} ${month} ${year}, ${formatClock(atMs, timeZone)} ${offset}`
}

/** `'14:02:11'`: lines of a log. */
export function formatClock(atMs: number, timeZone: string): string {
  const { hour, minute, second } = toTimeParts(atMs, timeZone)
  return `${hour}:${minute}:${second}`
}

/** The title behind a relative time: exact, with zone and epoch milliseconds. */
export function formatTimeTitle(atMs: number, timeZone: string): string {
  return `${formatExactTime(atMs, timeZone)} (${timeZone}), ${atMs} ms since 1970`
}

/** `'14:02'`. */
export function formatTimeOfDay(atMs: number, timeZone: string): string {
  const { hour, minute } = toTimeParts(atMs, timeZone)
  return `${hour}:${minute}`
}

/** `'14:02'` today, `'yesterday 14:02'`, `'tomorrow 14:02'`, otherwise `'18 Nov 14:02'`. */
export function formatNearbyTime(atMs: number, nowMs: number, timeZone: string): string {
  const [at, now] = [toTimeParts(atMs, timeZone), toTimeParts(nowMs, timeZone)]
  const time = `${at.hour}:${at.minute}`
  if (at.day === now.day && at.month === now.month && at.year === now.year) return time
  if (isDayBefore(at, nowMs, timeZone)) return `yesterday ${time}`
  return isDayBefore(now, atMs, timeZone) ? `tomorrow ${time}` : `${at.day} ${at.month} ${time}`
}

/** `'19 Nov 2026'`: the day something ends. */
export function formatDate(atMs: number, timeZone: string): string {
  const { day, month, year } = toTimeParts(atMs, timeZone)
  return `${day} ${month} ${year}`
}

/** `'19 Nov'`, for axes that span days. */
export function formatDay(atMs: number, timeZone: string): string {
  const { day, month } = toTimeParts(atMs, timeZone)
  return `${day} ${month}`
}

/** `'Nov 2026'`, for axes that span years. */
export function formatMonth(atMs: number, timeZone: string): string {
  const { month, year } = toTimeParts(atMs, timeZone)
  return `${month} ${year}`
}

/** The day that a calendar in `timeZone` shows. Months are from 0. */
export function calendarDay(atMs: number, timeZone: string): { year: number; month: number; day: number } {
  const { year, month, day } = toTimeParts(atMs, timeZone)
  return { year: Number(year), month: MONTHS.indexOf(month), day: Number(day) }
}

/** The latest midnight at or before `atMs` in a time zone, in epoch milliseconds. */
export function startOfDay(atMs: number, timeZone: string): number {
  const { year, month, day } = calendarDay(atMs, timeZone)
  return toInstant(Date.UTC(year, month, day), timeZone)
}

/**
 * The instant that a clock in `timeZone` shows as `text`, in epoch milliseconds; NaN when it is not a time.
 *
 * @param text as in a field for date and time, for example `2026-11-19T14:02:11`
 */
export function parseClockTime(text: string, timeZone: string): number {
  const asUtcMs = /[zZ]|[+-]\d\d:?\d\d$/.test(text) ? Number.NaN : Date.parse(`${text}Z`)
  return Number.isNaN(asUtcMs) ? Number.NaN : toInstant(asUtcMs, timeZone)
}

/** A reading of a clock, written as if it were UTC, as the instant at which a clock in `timeZone` shows it. */
function toInstant(asUtcMs: number, timeZone: string): number {
  const guessMs = asUtcMs - offsetMs(asUtcMs, timeZone)
  return asUtcMs - offsetMs(guessMs, timeZone)
}

function offsetMs(atMs: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = toTimeParts(atMs, timeZone)
  const clockMs = Date.UTC(
    Number(year),
    MONTHS.indexOf(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  return clockMs - Math.floor(atMs / 1000) * 1000
}

/** An age counts what is over. Time ahead is rounded: what a moment ago was 7 days ahead is not "in 6 d". */
function formatRough(ms: number, round = Math.floor): string {
  if (round(ms / 1000) < 60) return `${round(ms / 1000)} s`
  if (round(ms / MINUTE_MS) < 60) return `${round(ms / MINUTE_MS)} min`
  if (round(ms / HOUR_MS) < 24) return `${round(ms / HOUR_MS)} h`
  return `${round(ms / DAY_MS)} d`
}

type TimeParts = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'offset', string>

const formatterOf = cacheByZone(
  (timeZone) =>
    new Intl.DateTimeFormat('en-US', {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZone,
      timeZoneName: 'shortOffset',
    }),
)

function toTimeParts(atMs: number, timeZone: string): TimeParts {
  const formatter = formatterOf(timeZone)
  const parts = Object.fromEntries(formatter.formatToParts(atMs).map(({ type, value }) => [type, value]))
  const { year = '', month = '1', day = '', hour = '', minute = '', second = '', timeZoneName = '' } = parts
  const offset = timeZoneName.replace(/^GMT/, 'UTC').replace(/[+]0$/, '')
  return { year, month: MONTHS[Number(month) - 1] ?? month, day, hour, minute, second, offset }
}

function isDayBefore(at: TimeParts, nowMs: number, timeZone: string): boolean {
  // 24 h back can miss the day by an hour when clocks change; noon of today, one day back, cannot.
  const now = toTimeParts(nowMs, timeZone)
  const noonMs = nowMs - (Number(now.hour) - 12) * HOUR_MS
  const yesterday = toTimeParts(noonMs - DAY_MS, timeZone)
  return yesterday.day === at.day && yesterday.month === at.month && yesterday.year === at.year
}
