import 'server-only'
import { createHash } from 'node:crypto'
import { formatCount } from '@/lib/format/count'

/**
 * How the audit stores values: short values in full, longer ones as their beginning, length and digest. Audit rows are
 * never removed, so storing every long value in full would grow the history with every commit.
 */

const MAX_AUDIT_VALUE_CHARS = 4096
const PREFIX_CHARS = 200
const DIGEST_SUFFIX = /… \([\d,]+ characters, SHA-256 [0-9a-f]{64}\)$/

export function toAuditValue(value: string): string {
  if (value.length <= MAX_AUDIT_VALUE_CHARS) return value
  const digest = createHash('sha256').update(value).digest('hex')
  return `${value.slice(0, PREFIX_CHARS).toWellFormed()}… (${formatCount(value.length)} characters, SHA-256 ${digest})`
}

/** Null means that the value is not set. */
export function toAuditValueOrNull(value: string | null): string | null {
  return value === null ? null : toAuditValue(value)
}

export function toAuditValues(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toAuditValue(value)]))
}

/** Whether the stored text may be the digest of a longer value. */
export function isDigested(auditValue: string | null): auditValue is string {
  return auditValue !== null && DIGEST_SUFFIX.test(auditValue)
}

/** Whether the stored text represents this value. */
export function isAuditValueOf(auditValue: string | null, value: string | null): boolean {
  return auditValue === value || (isDigested(auditValue) && value !== null && toAuditValue(value) === auditValue)
}
