import { expirySettings } from '@/lib/changes/impact/expiry-settings'
import type { ExpiryChoice } from '@/lib/client/table/expiry'
import { formatCount } from '@/lib/format/count'
import { parseDuration } from '@/lib/format/exact-duration'
import { instantText } from '@/lib/names/instant-text'
import { parseInstantMs } from '@/lib/names/parse-instant'
import { parseSnapshotIds } from './snapshot-ids'

/** The fields of the panel, as they are typed or as the value of their list. */
export type ExpiryDraft = {
  by: 'age' | 'ids'
  /** Replaces the age: the commit time of the oldest snapshot to retain. */
  beforeMs: number | null
  /** Empty, as `keep`: the table default. */
  age: string
  keep: string
  ids: string
  window: string
}

const ANY_AGE = 'of any age'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NEVER = 'never'
const MAX_AGE_DAYS = Math.floor(Number.MAX_SAFE_INTEGER / DAY_MS)
const MAX_KEPT = 2_147_483_647

/** Suggestions: any other age or number can be typed, and none is the table default. */
export const AGES = [ANY_AGE, '1 hour', '24 hours', '3 days', '7 days', '30 days', '90 days']

/** Suggestions for a typed age: the units of a bare number. */
export function ageSuggestions(text: string): readonly string[] {
  const number = text.trim()
  if (!/^\d{1,9}$/.test(number)) return AGES
  return ['hour', 'day'].map((unit) => `${number} ${unit}${number === '1' ? '' : 's'}`)
}

export const KEPT_COUNTS = [1, 2, 3, 5, 10, 20, 50, 100].map((count) => `at least ${count}`)

export const WINDOWS = [
  { value: String(HOUR_MS), label: 'after 1 hour' },
  { value: String(DAY_MS), label: 'after 24 hours' },
  { value: String(3 * DAY_MS), label: 'after 3 days' },
  { value: String(7 * DAY_MS), label: 'after 7 days' },
  { value: String(30 * DAY_MS), label: 'after 30 days' },
  { value: NEVER, label: 'never: they stay' },
]

/** The subject of an expiry, as the address stores it: the table, snapshots older than a time, or some snapshots. */
export type ExpirySubject =
  | { kind: 'table' }
  | { kind: 'before'; beforeMs: number }
  | { kind: 'snapshots'; ids: readonly string[] }

const BEFORE = 'before:'
const NO_IDS = 'ids'
/** Beyond these, an address is longer than servers and people take. */
export const MAX_IDS_IN_ADDRESS = 200

export function subjectText(subject: ExpirySubject): string {
  if (subject.kind === 'table') return 'table'
  if (subject.kind === 'before') return `${BEFORE}${instantText(subject.beforeMs)}`
  const { ids } = subject
  return ids.length === 0 || ids.length > MAX_IDS_IN_ADDRESS ? NO_IDS : ids.join(',')
}

/** Any other text is about the table. */
function subjectFromText(text: string): ExpirySubject {
  const beforeMs = text.startsWith(BEFORE) ? parseInstantMs(text.slice(BEFORE.length)) : null
  if (beforeMs !== null && beforeMs >= 0) return { kind: 'before', beforeMs }
  if (text === NO_IDS) return { kind: 'snapshots', ids: [] }
  const parsed = parseSnapshotIds(text)
  return 'ids' in parsed && parsed.ids.length > 0 ? { kind: 'snapshots', ids: parsed.ids } : { kind: 'table' }
}

/** The initial fields. @param of the subject in the address */
export function draftFromText(of: string): ExpiryDraft {
  const subject = subjectFromText(of)
  return {
    by: subject.kind === 'snapshots' ? 'ids' : 'age',
    beforeMs: subject.kind === 'before' ? subject.beforeMs : null,
    ids: subject.kind === 'snapshots' ? subject.ids.join('\n') : '',
    age: '',
    keep: '',
    window: String(DAY_MS),
  }
}

/** Null while a field is invalid; the address then stays unchanged. */
export function draftText({ by, beforeMs, ids }: ExpiryDraft): string | null {
  if (by === 'age') return subjectText(beforeMs === null ? { kind: 'table' } : { kind: 'before', beforeMs })
  const parsed = parseSnapshotIds(ids)
  return 'ids' in parsed ? subjectText({ kind: 'snapshots', ids: parsed.ids }) : null
}

/** The problem of each field; null if it has none. */
export function draftProblems({ age, keep, ids }: ExpiryDraft): Record<'age' | 'keep' | 'ids', string | null> {
  const parsedIds = parseSnapshotIds(ids)
  return {
    age: problemOf(parseAge(age)),
    keep: problemOf(parseRetained(keep)),
    ids: 'problem' in parsedIds ? parsedIds.problem : null,
  }
}

/** Null if there is nothing to send, because a field is wrong or no id is typed. */
export function toChoice({ by, beforeMs, age, keep, ids, window }: ExpiryDraft): ExpiryChoice | null {
  const removeFilesAfterMs = window === NEVER ? null : Number(window)
  if (by === 'ids') {
    const parsed = parseSnapshotIds(ids)
    if ('problem' in parsed || parsed.ids.length === 0) return null
    // No snapshot is older than 0, so only the chosen ones expire.
    return { olderThanMs: 0, snapshotIds: parsed.ids, removeFilesAfterMs }
  }
  const maxAgeMs = beforeMs === null ? parseAge(age) : null
  const retainLast = parseRetained(keep)
  if (typeof maxAgeMs === 'object' && maxAgeMs !== null) return null
  if (typeof retainLast === 'object' && retainLast !== null) return null
  return {
    ...(beforeMs !== null && { olderThanMs: beforeMs }),
    ...(maxAgeMs !== null && { maxAgeMs }),
    ...(retainLast !== null && { retainLast }),
    removeFilesAfterMs,
  }
}

/** Advice for another choice when nothing would expire; null if no other age or number would change that. */
export function emptyExpiryAdvice(
  { maxAgeMs, retainLast, snapshotIds }: ExpiryChoice,
  properties: Readonly<Record<string, string>>,
): string | null {
  if (snapshotIds !== undefined) return null
  const settings = expirySettings({ properties })
  const retainedCount = retainLast ?? ('invalid' in settings ? 1 : settings.minSnapshotsToKeep)
  const canKeepFewer = retainedCount > 1
  if (maxAgeMs === 0) return canKeepFewer ? 'Keep fewer snapshots of each branch.' : null
  return `Choose a shorter age${canKeepFewer ? ', or keep fewer snapshots of each branch' : ''}.`
}

/** A number, null for the settings of the table, or the reason why the text is invalid. */
type Parsed = number | null | { problem: string }

function problemOf(parsed: Parsed): string | null {
  return typeof parsed === 'object' && parsed !== null ? parsed.problem : null
}

function parseAge(text: string): Parsed {
  const typed = text.trim().replaceAll(',', '')
  if (typed === '') return null
  if (typed === ANY_AGE) return 0
  // A bare number would mean milliseconds, which is never intended.
  if (/^\d+$/.test(typed)) return { problem: 'Add a unit, such as hours or days.' }
  const digits = parseDuration(typed)
  if (digits === null) return { problem: 'Type a number with a unit, such as 36 hours or 10 days.' }
  const ms = Number(digits)
  return Number.isSafeInteger(ms) ? ms : { problem: `Type at most ${formatCount(MAX_AGE_DAYS)} days.` }
}

function parseRetained(text: string): Parsed {
  const typed = text.trim().replaceAll(',', '')
  if (typed === '') return null
  const digits = /^(?:at least )?(\d{1,15})$/i.exec(typed)?.[1]
  const retained = Number(digits ?? 0)
  return retained >= 1 && retained <= MAX_KEPT
    ? retained
    : { problem: `Type a whole number from 1 to ${formatCount(MAX_KEPT)}.` }
}
