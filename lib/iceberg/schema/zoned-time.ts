import { cacheByZone } from '@/lib/format/cache-by-zone'
import { floorDivide, isoTimestamp, twoDigits } from './calendar'

const HOUR_MS = 3_600_000

/** Whether this is a time zone that the runtime knows: `Europe/Berlin`, `UTC`. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/**
 * The instants at which clocks of a zone show a time: usually one, none for a time that the clocks skip, two for a time
 * that they repeat, earliest first.
 *
 * @param localMs the shown time as if it were in UTC, in milliseconds since 1970
 * @param timeZone IANA name
 */
export function toInstants(localMs: number, timeZone: string): number[] {
  // Offsets differ from UTC by at most 14 hours, so a change of the clocks near this time is between these two instants.
  const offsets = new Set([localMs - 26 * HOUR_MS, localMs + 26 * HOUR_MS].map((atMs) => offsetMs(atMs, timeZone)))
  return [...offsets]
    .map((offset) => localMs - offset)
    .filter((atMs) => atMs + offsetMs(atMs, timeZone) === localMs)
    .toSorted((a, b) => a - b)
}

/** How far clocks of the zone are ahead of UTC at an instant: whole seconds. */
export function offsetMs(atMs: number, timeZone: string): number {
  // The formatter writes no era, and before this time the offset was always the same.
  const knownMs = Math.max(atMs, FIRST_TRANSITION_MS)
  // The text has a fixed form, `6/30/2001, 14:02:11`, which is several times faster to build than its parts.
  const [month = 1, day = 1, year = 0, hour = 0, minute = 0, second = 0] = (
    formatterOf(timeZone).format(knownMs).match(/\d+/g) ?? []
  ).map(Number)
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  return date.getTime() - Math.floor(knownMs / 1000) * 1000
}

/**
 * `2023-05-15 16:30:45.5+02:00`: an instant as clocks of a zone show it, exact.
 *
 * @param units since 1970; microseconds unless `unitsPerSecond` says otherwise
 */
export function zonedTimestampText(units: bigint, timeZone: string, unitsPerSecond = MICROS_PER_SECOND): string {
  const ms = Number(floorDivide(units, unitsPerSecond / 1000n))
  // Beyond the years of `Date`, zones are unknown.
  const isKnown = Math.abs(ms) < MAX_DATE_MS
  const offset = isKnown ? shownOffsetMs(ms, timeZone) : 0
  const text = isoTimestamp(units + BigInt(offset / 1000) * unitsPerSecond, unitsPerSecond).replace('T', ' ')
  return `${text}${offsetText(offset)}`
}

/** `+02:00`, or `+00:53:28` before there were time zones. */
export function offsetText(offset: number): string {
  const seconds = Math.abs(offset) / 1000
  const parts = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    ...(seconds % 60 === 0 ? [] : [seconds % 60]),
  ]
  return `${offset < 0 ? '-' : '+'}${parts.map(twoDigits).join(':')}`
}

/** Offsets of spans of time, because a copy of many rows would take seconds with a call of the formatter for each. */
const offsets = new Map<string, number | null>()
const MAX_OFFSETS = 4_096

/** {@link offsetMs}, from memory in spans in which the clocks do not change. */
function shownOffsetMs(atMs: number, timeZone: string): number {
  const span = Math.floor(atMs / STEP_MS)
  const key = `${span} ${timeZone}`
  let offset = offsets.get(key)
  if (offset === undefined) {
    const first = offsetMs(span * STEP_MS, timeZone)
    offset = first === offsetMs(Math.min((span + 1) * STEP_MS, MAX_DATE_MS), timeZone) ? first : null
    if (offsets.size >= MAX_OFFSETS) offsets.clear()
    offsets.set(key, offset)
  }
  return offset ?? offsetMs(atMs, timeZone)
}

const MICROS_PER_SECOND = 1_000_000n
const MAX_DATE_MS = 8.64e15 - 26 * HOUR_MS

/** A change of the clocks of a zone: from `atMs` they are `offsetMs` ahead of UTC. */
export type ZoneTransition = { atMs: number; offsetMs: number }

/** Before this time no zone had changed its clocks, and after `LAST_TRANSITION_MS` the rules repeat every 28 years. */
const FIRST_TRANSITION_MS = Date.UTC(1840, 0, 1)
export const LAST_TRANSITION_MS = Date.UTC(2100, 0, 1)
/** No zone changed its clocks twice within ten days. */
const STEP_MS = 10 * 24 * HOUR_MS

/** All changes of the clocks of a zone before 2100, oldest first; the first entry has the offset before all of them. */
export const zoneTransitions = cacheByZone(findTransitions)

function findTransitions(timeZone: string): readonly ZoneTransition[] {
  let offset = offsetMs(FIRST_TRANSITION_MS, timeZone)
  const transitions = [{ atMs: Number.NEGATIVE_INFINITY, offsetMs: offset }]
  for (let fromMs = FIRST_TRANSITION_MS; fromMs < LAST_TRANSITION_MS; fromMs += STEP_MS) {
    const toMs = Math.min(fromMs + STEP_MS, LAST_TRANSITION_MS)
    const next = offsetMs(toMs, timeZone)
    if (next === offset) continue
    let [before, after] = [fromMs / 1000, toMs / 1000]
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (offsetMs(middle * 1000, timeZone) === offset) before = middle
      else after = middle
    }
    transitions.push({ atMs: after * 1000, offsetMs: next })
    offset = next
  }
  return transitions
}

/** @throws {RangeError} for a name that is not a time zone */
const formatterOf = cacheByZone(
  (timeZone) =>
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    }),
)
