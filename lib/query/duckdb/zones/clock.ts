import { LAST_TRANSITION_MS, zoneTransitions } from '@/lib/iceberg/schema/zoned-time'
import { quoteString } from '@/lib/sql/quote-identifier'
import { own } from './macro'

/** The time on clocks of a zone at the instant `t`. */
export function localTime(zone: string): string {
  const transitions = zoneTransitions(zone)
  if (transitions.every(({ offsetMs }) => offsetMs === 0)) return 'CAST(t AS TIMESTAMP)'
  return `${own('+')}(CAST(t AS TIMESTAMP), to_microseconds(${offsetMicros(transitions)}))`
}

/** The instant at which clocks of a zone show `t`: of two the later one, and for a skipped time as if they had not changed. */
export function instant(zone: string): string {
  const transitions = zoneTransitions(zone)
  if (transitions.every(({ offsetMs }) => offsetMs === 0)) return 'CAST(CAST(t AS TIMESTAMP) AS TIMESTAMPTZ)'
  const thresholds = transitions.map(({ atMs, offsetMs }) => ({ atMs: atMs + offsetMs, offsetMs }))
  return `CAST(${own('-')}(CAST(t AS TIMESTAMP), to_microseconds(${offsetMicros(thresholds)})) AS TIMESTAMPTZ)`
}

/** Where clocks of a zone change, as they are read: in UTC, or as the clocks show it after the change. */
type Threshold = { atMs: number; offsetMs: number }

/**
 * The offset of a time `t` in microseconds, looked up in a text with an entry for each quarter of a year: the second at
 * which the clocks change, and the offsets before and after. A text, because DuckDB reads a piece of a constant one
 * without copying it. A year after 2500 counts as one with the same calendar.
 */
function offsetMicros(thresholds: readonly Threshold[]): string {
  const [first] = thresholds
  if (first && thresholds.length === 1) return String(BigInt(first.offsetMs) * 1000n)
  const { text, bucketSeconds, maxMicros } = offsetTable(thresholds)
  const seconds = `${own('-')}(least(greatest(e, ${TABLE_START_MS}000), ${maxMicros}), ${TABLE_START_MS}000) // 1000000`
  const cycles = `greatest(${own('-')}(${seconds}, ${(CYCLE_START_MS - TABLE_START_MS) / 1000}) // ${CYCLE_SECONDS}, 0)`
  const second = `list_transform([epoch_us(CAST(t AS TIMESTAMP))], lambda e: ${own('-')}(${seconds}, ${cycles} * ${CYCLE_SECONDS}))[1]`
  const entry = `${second} // ${bucketSeconds} * ${ENTRY_CHARS}`
  const piece = (at: string, length: number) =>
    `substr(${quoteString(text)}, ${own('+')}(${entry}, ${at}), ${length})::BIGINT`
  const isAfter = `(${second} % ${bucketSeconds} >= ${piece('1', 7)})::BIGINT`
  return `${own('-')}(${piece(`${own('+')}(8, 6 * ${isAfter})`, 6)}, ${OFFSET_BIAS}) * 1000000`
}

const TABLE_START_MS = Date.UTC(1840, 0, 1)
/** The Gregorian calendar repeats every 400 years, days of the week included. */
const CYCLE_START_MS = LAST_TRANSITION_MS
const CYCLE_SECONDS = 146_097 * 86_400
/** Below the largest time, so that sums do not overflow. Infinite times have no offset that matters. */
const MAX_MICROS = '9000000000000000000'
const ENTRY_CHARS = 19
/** Keeps offsets positive in the table. */
const OFFSET_BIAS = 100_000
const NEVER = '9999999'

/** @returns the table, and the last time to look up in it: all later ones have its offset, or that of a like year */
function offsetTable(thresholds: readonly Threshold[]): { text: string; bucketSeconds: number; maxMicros: string } {
  const later = laterThresholds(thresholds)
  const all = [...thresholds, ...later]
  // Two changes in one entry are rare; the entries are shorter then.
  for (let bucketMs = 91 * DAY_MS; ; bucketMs = Math.floor(bucketMs / 2000) * 1000) {
    const starts = new Set(all.slice(1).map(({ atMs }) => Math.floor((atMs - TABLE_START_MS) / bucketMs)))
    if (starts.size < all.length - 1) continue
    // Many zones changed for the last time long ago. Their tables are short: statements have several copies of a table.
    const endMs = later.length > 0 ? CYCLE_START_MS + CYCLE_SECONDS * 1000 : (all.at(-1)?.atMs ?? 0) + bucketMs
    const entries: string[] = []
    let next = 1
    for (let atMs = TABLE_START_MS; atMs < endMs; atMs += bucketMs) {
      const before = offsetText(all[next - 1])
      const change = all[next]
      const isCurrent = change !== undefined && change.atMs < atMs + bucketMs
      const changeText = isCurrent ? String((change.atMs - atMs) / 1000).padStart(NEVER.length, '0') : NEVER
      entries.push(changeText + before + (isCurrent ? offsetText(change) : before))
      if (isCurrent) next += 1
    }
    const maxMicros = later.length > 0 ? MAX_MICROS : `${endMs - 1}000`
    return { text: entries.join(''), bucketSeconds: bucketMs / 1000, maxMicros }
  }
}

function offsetText(threshold: Threshold | undefined): string {
  return String((threshold?.offsetMs ?? 0) / 1000 + OFFSET_BIAS).padStart(6, '0')
}

/**
 * The changes of the 400 years after the known ones: each year has the changes of a known year with the same calendar.
 */
function laterThresholds(thresholds: readonly Threshold[]): Threshold[] {
  return Array.from({ length: 400 }, (_, i) => 2100 + i).flatMap((year) => {
    const startMs = Date.UTC(year, 0, 1)
    const isLeap = Date.UTC(year + 1, 0, 1) - startMs > 365 * DAY_MS
    for (let like = 2072; like < 2100; like++) {
      const likeMs = Date.UTC(like, 0, 1)
      if ((like % 4 === 0) !== isLeap || new Date(likeMs).getUTCDay() !== new Date(startMs).getUTCDay()) continue
      return thresholds
        .filter(({ atMs }) => atMs >= likeMs && atMs < Date.UTC(like + 1, 0, 1))
        .map(({ atMs, offsetMs }) => ({ atMs: atMs - likeMs + startMs, offsetMs }))
    }
    return []
  })
}

const DAY_MS = 86_400_000
