import 'server-only'
import type { AuditPosition } from '@/server/db/audit-search'

/** Digits of the last part, with zeros before them. */
const SEQ_DIGITS = 15

/** A position as the `nextBefore` of a page: the time, and the position in the order of writing. */
export function positionText({ atMs, seq }: AuditPosition): string {
  return `${atMs}${String(seq).padStart(SEQ_DIGITS, '0')}`
}

/** @param text as the contract checks it */
export function parsePosition(text: string): AuditPosition {
  return { atMs: Number(text.slice(0, -SEQ_DIGITS)), seq: Number(text.slice(-SEQ_DIGITS)) }
}
