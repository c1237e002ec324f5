import { AppError } from '@/lib/errors'

/** A range of SQL text, in UTF-16 units from its beginning; `end` is exclusive. */
export type SqlRange = { start: number; end: number }

/**
 * An error in SQL text, with the range to underline as the facts `start` and `end`.
 *
 * @param hint what to write instead, if known
 */
export function sqlError(detail: string, { start, end }: SqlRange, hint?: string): AppError {
  return new AppError('query-failed', detail, { facts: { start, end, ...(hint !== undefined && { hint }) } })
}

/** The range to underline for an error, or null if it has no position in the text. */
export function errorRange(error: AppError): SqlRange | null {
  const { start, end } = error.facts
  return typeof start === 'number' && typeof end === 'number' ? { start, end } : null
}
