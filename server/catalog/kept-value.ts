import 'server-only'
import { createHash } from 'node:crypto'
import { formatCount } from '@/lib/format/count'

/**
 * How the audit keeps values: whole where they are short, else their beginning, length and digest. Its rows are never
 * removed, and a history of whole values would grow by the longest with every commit.
 */

const MAX_KEPT_CHARS = 4096
const SHOWN_CHARS = 200
const DIGESTED = /… \([\d,]+ characters, SHA-256 [0-9a-f]{64}\)$/

export function keptValue(value: string): string {
  if (value.length <= MAX_KEPT_CHARS) return value
  const digest = createHash('sha256').update(value).digest('hex')
  return `${value.slice(0, SHOWN_CHARS).toWellFormed()}… (${formatCount(value.length)} characters, SHA-256 ${digest})`
}

/** Null is a value that is not set. */
export function keptOrNull(value: string | null): string | null {
  return value === null ? null : keptValue(value)
}

export function keptValues(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, keptValue(value)]))
}

/** Whether what was kept may stand for a longer value. */
export function isDigested(kept: string | null): kept is string {
  return kept !== null && DIGESTED.test(kept)
}

/** Whether what was kept is of this value. */
export function isKeptOf(kept: string | null, value: string | null): boolean {
  return kept === value || (isDigested(kept) && value !== null && keptValue(value) === kept)
}
