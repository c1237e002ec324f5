import { formatClock, formatDate } from '@/lib/format/time'
import type { AsOf } from '@/lib/iceberg/as-of'
import { type SqlRange, sqlError } from '../statement/sql-error'
import { tokenKeyword, tokenName, tokenString, type Token } from '../statement/tokenize'
import { isTimeZone, toInstants } from '@/lib/iceberg/schema/zoned-time'

/** How times in SQL are read: whether one without a zone is in UTC or refused, and the current time. */
export type QueryClock = {
  requiresZone?: boolean
  nowMs: number
}

/**
 * `FOR VERSION AS OF …` and `FOR TIMESTAMP AS OF …` after a table's name. `FOR` is optional, and `SYSTEM_VERSION` and
 * `SYSTEM_TIME` are synonyms.
 *
 * - A version is a snapshot id (an unquoted number) or a branch or tag (a word, or quoted either way).
 * - A time is `'2001-03-06'`, `'2001-03-06 09:03:00.5'`, the same with `T`, or `'6 Mar 2001, 09:03:00'` as the console
 *   writes it. A zone (`Z`, `+01:00`, `Europe/Berlin`) may follow; otherwise it is in UTC, as all literals (docs/decisions/043).
 *   `TIMESTAMP`, `TIMESTAMPTZ` or `DATE` may precede it. Digits below a millisecond are cut: snapshots have milliseconds.
 *
 * @param at index of the token after the name
 * @returns the parsed clause and the index after it, or null if there is none
 * @throws {AppError} query-failed when the clause is begun but invalid, or names a time after now
 */
export function readTimeTravel(
  tokens: readonly Token[],
  at: number,
  clock: QueryClock,
): { asOf: AsOf; next: number } | null {
  let i = tokenKeyword(tokens[at]) === 'FOR' ? at + 1 : at
  const kind = tokenKeyword(tokens[i])
  const isVersion = kind === 'VERSION' || kind === 'SYSTEM_VERSION'
  const isTime = kind === 'TIMESTAMP' || kind === 'SYSTEM_TIME'
  const first = tokens[at]
  if (first === undefined || !(isVersion || isTime)) return null
  if (tokenKeyword(tokens[i + 1]) !== 'AS' || tokenKeyword(tokens[i + 2]) !== 'OF') {
    if (i === at) return null
    throw sqlError(`Expected AS OF after FOR ${kind}.`, { start: first.start, end: (tokens[i] ?? first).end })
  }
  i += 3
  if (isTime && ['TIMESTAMP', 'TIMESTAMPTZ', 'DATE'].includes(tokenKeyword(tokens[i]) ?? '')) i++
  const value = tokens[i]
  const range = { start: first.start, end: (value ?? tokens[i - 1] ?? first).end }
  if (isTime) return { asOf: { atMs: readInstant(tokenString(value), range, clock) }, next: i + 1 }
  if (value?.kind === 'number' && /^\d{1,19}$/.test(value.text))
    return { asOf: { snapshotId: value.text }, next: i + 1 }
  const ref = tokenString(value) ?? tokenName(value)
  if (ref === null || ref === '')
    throw sqlError("A version is a snapshot id, or the name of a branch or a tag, such as 'q1-close'.", range)
  return { asOf: { ref }, next: i + 1 }
}

function readInstant(text: string | null, range: SqlRange, { requiresZone = false, nowMs }: QueryClock): number {
  const written = text === null ? null : parseTime(text)
  if (written === null || text === null)
    throw sqlError(
      "Write a time in quotes, such as '2001-03-06 09:03:00', '2001-03-06T09:03:00+01:00' or '2001-03-06 09:03:00 UTC'.",
      range,
    )
  const zone = written.zone ?? 0
  if (written.zone === null && requiresZone)
    throw sqlError(`'${text}' has no time zone, and a view does not say which one it means.`, range)
  const instants = typeof zone === 'number' ? [written.localMs - zone * 60_000] : toInstants(written.localMs, zone)
  const [atMs, other] = instants
  if (atMs === undefined)
    throw sqlError(
      `'${text}' does not exist in ${zone}: the clocks skip it.`,
      range,
      "Write it with an offset, such as '2001-03-06T09:03:00+01:00'.",
    )
  if (other !== undefined)
    throw sqlError(
      `'${text}' occurs twice in ${zone}, because the clocks are set back.`,
      range,
      "Write it with an offset, such as '2001-03-06T09:03:00+01:00'.",
    )
  if (atMs > nowMs)
    throw sqlError(
      `'${text}' is in the future: it is now ${formatDate(nowMs, 'UTC')}, ${formatClock(nowMs, 'UTC')} in UTC.`,
      range,
      'Name an earlier time, or leave the clause out to read the table as it is now.',
    )
  return atMs
}

const CLOCK_TIME = String.raw`(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?|UTC[+-]\d{1,2}:\d{2}|[A-Z][\w+-]*(?:\/[\w+-]+)*)?`
const ISO_TIME = new RegExp(String.raw`^\s*(\d{4})-(\d{2})-(\d{2})(?:[ T]${CLOCK_TIME})?\s*$`, 'i')
/** As the console shows times: `6 Mar 2001, 09:03:00`. */
const SHOWN_TIME = new RegExp(String.raw`^\s*(\d{1,2}) ([A-Z]{3}) (\d{4})(?:,? ${CLOCK_TIME})?\s*$`, 'i')
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** `localMs`: the time as if it were in UTC. `zone`: an offset in minutes or an IANA name, null if the text has none. */
type WrittenTime = { localMs: number; zone: number | string | null }

function parseTime(text: string): WrittenTime | null {
  const iso = ISO_TIME.exec(text)
  const shown = iso ? null : SHOWN_TIME.exec(text)
  const match = iso ?? shown
  if (!match) return null
  const year = Number(iso ? match[1] : match[3])
  const month = iso ? Number(match[2]) : MONTHS.indexOf((match[2] ?? '').toLowerCase()) + 1
  const day = Number(iso ? match[3] : match[1])
  const [hour, minute, second] = [4, 5, 6].map((i) => Number(match[i] ?? 0))
  const millis = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const localMs = toUtcMs([year, month, day, hour ?? 0, minute ?? 0, second ?? 0], millis)
  const zone = parseZone(match[8])
  return localMs === null || zone === undefined ? null : { localMs, zone }
}

/** An offset in minutes, an IANA name, null for no zone, undefined for an unknown one. */
function parseZone(text: string | undefined): number | string | null | undefined {
  if (text === undefined) return null
  if (/^(Z|UTC)$/i.test(text)) return 0
  // `UTC+1` is how the console labels its times.
  const offset = /^([+-])(\d{2}):?(\d{2})?$/.exec(text) ?? /^UTC([+-])(\d{1,2})(?::(\d{2}))?$/i.exec(text)
  if (offset) return (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3] ?? 0))
  return isTimeZone(text) ? text : undefined
}

/** Milliseconds since 1970 of a time in UTC; null for a time that does not exist, such as 30 February. */
function toUtcMs(parts: readonly number[], millis: number): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, millis)
  // `Date` lets 30 February roll over: parts that do not round-trip are not a time.
  const roundTrip = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  roundTrip.push(date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds())
  return roundTrip.every((part, i) => part === parts[i]) ? date.getTime() : null
}
