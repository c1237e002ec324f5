import { AppError } from '@/lib/errors'

/** A stretch of SQL text, in UTF-16 units from its beginning; `end` is exclusive. */
export type SqlRange = { start: number; end: number }

/**
 * A mistake in SQL text, with the place to underline as the facts `start` and `end`.
 *
 * @param hint what to write instead, where that is known
 */
export function sqlProblem(detail: string, { start, end }: SqlRange, hint?: string): AppError {
  return new AppError('query-failed', detail, { facts: { start, end, ...(hint !== undefined && { hint }) } })
}

/** Where a problem is to be underlined, or null where it has no place in the text. */
export function problemRange(error: AppError): SqlRange | null {
  const { start, end } = error.facts
  return typeof start === 'number' && typeof end === 'number' ? { start, end } : null
}
