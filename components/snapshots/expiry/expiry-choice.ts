import type { ExpiryChoice } from '@/lib/client/table/expiry'

/** The fields of the panel, as the values of their lists. */
export type ExpiryDraft = { age: string; keep: string; window: string }

export const BY_TABLE = 'table'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NEVER = 'never'

export const AGES = [
  { value: BY_TABLE, label: 'as the table’s settings say' },
  { value: '0', label: 'now: of any age' },
  { value: String(HOUR_MS), label: '1 hour' },
  { value: String(DAY_MS), label: '24 hours' },
  { value: String(3 * DAY_MS), label: '3 days' },
  { value: String(7 * DAY_MS), label: '7 days' },
  { value: String(30 * DAY_MS), label: '30 days' },
  { value: String(90 * DAY_MS), label: '90 days' },
]

export const KEPT_COUNTS = [
  { value: BY_TABLE, label: 'as the table’s settings say' },
  ...[1, 2, 3, 5, 10, 20, 50, 100].map((count) => ({ value: String(count), label: `at least ${count}` })),
]

export const WINDOWS = [
  { value: String(HOUR_MS), label: 'after 1 hour' },
  { value: String(DAY_MS), label: 'after 24 hours' },
  { value: String(3 * DAY_MS), label: 'after 3 days' },
  { value: String(7 * DAY_MS), label: 'after 7 days' },
  { value: String(30 * DAY_MS), label: 'after 30 days' },
  { value: NEVER, label: 'never: they stay' },
]

export const FIRST_DRAFT: ExpiryDraft = { age: BY_TABLE, keep: BY_TABLE, window: String(DAY_MS) }

/** What an expiry is about: the table, what is older than a time, or one snapshot. It is in the address. */
export type ExpirySubject = { kind: 'table' } | { kind: 'before'; beforeMs: number } | { kind: 'snapshot'; id: string }

const BEFORE = 'before:'

export function subjectText(subject: ExpirySubject): string {
  if (subject.kind === 'table') return 'table'
  return subject.kind === 'before' ? `${BEFORE}${subject.beforeMs}` : subject.id
}

/** Any other text is about the table. */
export function subjectFromText(text: string): ExpirySubject {
  if (/^before:\d{1,15}$/.test(text)) return { kind: 'before', beforeMs: Number(text.slice(BEFORE.length)) }
  return /^-?\d{1,19}$/.test(text) ? { kind: 'snapshot', id: text } : { kind: 'table' }
}

export function toChoice(subject: ExpirySubject, { age, keep, window }: ExpiryDraft): ExpiryChoice {
  const removeFilesAfterMs = window === NEVER ? null : Number(window)
  // Nothing is older than this, so only the snapshot goes.
  if (subject.kind === 'snapshot') return { olderThanMs: 0, snapshotIds: [subject.id], removeFilesAfterMs }
  return {
    ...(subject.kind === 'before' ? { olderThanMs: subject.beforeMs } : age !== BY_TABLE && { maxAgeMs: Number(age) }),
    ...(keep !== BY_TABLE && { retainLast: Number(keep) }),
    removeFilesAfterMs,
  }
}
