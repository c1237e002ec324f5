import type { AsOf } from '@/lib/iceberg/as-of'
import { sqlProblem } from './sql-problem'
import { tokenKeyword, tokenName, tokenString, type Token } from './tokenize'

/**
 * `FOR VERSION AS OF …` and `FOR TIMESTAMP AS OF …` after a table's name. `FOR` is optional, and `SYSTEM_VERSION` and
 * `SYSTEM_TIME` are synonyms.
 *
 * - A version is a snapshot id (an unquoted number) or a branch or tag (a word, or quoted either way).
 * - A time is `'2001-03-06'`, `'2001-03-06 09:03:00.5'` or the same with `T`, with a zone (`Z`, `+01:00`) or otherwise
 *   in UTC. `TIMESTAMP`, `TIMESTAMPTZ` or `DATE` may precede it. Digits below a millisecond are cut: snapshots have
 *   milliseconds.
 *
 * @param at index of the token after the name
 * @returns the parsed clause and the index after it, or null if there is none
 * @throws {AppError} query-failed when the clause is begun but invalid
 */
export function readTimeTravel(tokens: readonly Token[], at: number): { asOf: AsOf; next: number } | null {
  let i = tokenKeyword(tokens[at]) === 'FOR' ? at + 1 : at
  const kind = tokenKeyword(tokens[i])
  const isVersion = kind === 'VERSION' || kind === 'SYSTEM_VERSION'
  const isTime = kind === 'TIMESTAMP' || kind === 'SYSTEM_TIME'
  const first = tokens[at]
  if (first === undefined || !(isVersion || isTime)) return null
  if (tokenKeyword(tokens[i + 1]) !== 'AS' || tokenKeyword(tokens[i + 2]) !== 'OF') {
    if (i === at) return null
    throw sqlProblem(`Expected AS OF after FOR ${kind}.`, { start: first.start, end: (tokens[i] ?? first).end })
  }
  i += 3
  if (isTime && ['TIMESTAMP', 'TIMESTAMPTZ', 'DATE'].includes(tokenKeyword(tokens[i]) ?? '')) i++
  const value = tokens[i]
  const range = { start: first.start, end: (value ?? tokens[i - 1] ?? first).end }
  if (isTime) {
    const text = tokenString(value)
    const atMs = text === null ? null : parseInstantMs(text)
    if (atMs === null)
      throw sqlProblem(
        "Write a time in quotes, such as '2001-03-06 09:03:00' (UTC) or '2001-03-06T09:03:00+01:00'.",
        range,
      )
    return { asOf: { atMs }, next: i + 1 }
  }
  if (value?.kind === 'number' && /^\d{1,19}$/.test(value.text))
    return { asOf: { snapshotId: value.text }, next: i + 1 }
  const ref = tokenString(value) ?? tokenName(value)
  if (ref === null || ref === '')
    throw sqlProblem("A version is a snapshot id, or the name of a branch or a tag, such as 'q1-close'.", range)
  return { asOf: { ref }, next: i + 1 }
}

const INSTANT =
  /^\s*(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(?:(Z|UTC)|([+-])(\d{2}):?(\d{2})?)?)?\s*$/i

/** Milliseconds since 1970-01-01T00:00Z, or null for an invalid time. */
function parseInstantMs(text: string): number | null {
  const match = INSTANT.exec(text)
  if (!match) return null
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(match[i] ?? 0))
  const millis = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const iso = `${match[1]}-${match[2]}-${match[3]}T${match[4] ?? '00'}:${match[5] ?? '00'}:${match[6] ?? '00'}.${String(millis).padStart(3, '0')}Z`
  const utcMs = Date.parse(iso)
  // `Date.parse` lets 30 February roll over: a text that does not round-trip is not a date.
  const roundTrip = new Date(Number.isNaN(utcMs) ? 0 : utcMs)
  if (Number.isNaN(utcMs) || roundTrip.getUTCFullYear() !== year || roundTrip.getUTCMonth() + 1 !== month) return null
  if (roundTrip.getUTCDate() !== day || roundTrip.getUTCHours() !== hour || roundTrip.getUTCMinutes() !== minute)
    return null
  if (roundTrip.getUTCSeconds() !== second) return null
  const offsetMinutes = Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0)
  return utcMs - (match[9] === '-' ? -1 : 1) * offsetMinutes * 60_000
}
