import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { formatValue, NANOS_PER_SECOND } from '@/lib/iceberg/schema/single-value'
import type { Type } from '@/lib/iceberg/schema/types'
import { readTimestamp } from '@/lib/scan/predicate/literal'
import type { ConditionDraft } from './condition-draft'

const NANOS_PER_DAY = 86_400n * NANOS_PER_SECOND
const TIMESTAMPS = ['timestamp', 'timestamptz', 'timestamp_ns', 'timestamptz_ns']

/**
 * A condition on a column of timestamps with bare dates as what they mean to who types them: `2001-03-31` is all of the
 * day, and a range ends with its last day. In the SQL of Query, as in that of engines, a bare date is its midnight. Days
 * of a column with a zone are in UTC, as times without an offset are.
 *
 * @throws {AppError} invalid-request for days in a list and for the exclusion of a day, which take more than two bounds
 */
export function expandDays(draft: ConditionDraft, type: Type): ConditionDraft[] {
  if (typeof type !== 'string' || !TIMESTAMPS.includes(parsePrimitive(type).kind)) return [draft]
  const { fieldId, operator, text, endText = '' } = draft
  const next = dayAfter(text)
  switch (operator) {
    case 'eq':
      if (next === null) return [draft]
      return [
        { fieldId, operator: 'gt-eq', text: text.trim() },
        { fieldId, operator: 'lt', text: next },
      ]
    case 'gt':
      return next === null ? [draft] : [{ ...draft, operator: 'gt-eq', text: next }]
    case 'lt-eq':
      return next === null ? [draft] : [{ ...draft, operator: 'lt', text: next }]
    case 'between': {
      const end = dayAfter(endText)
      if (end === null) return [draft]
      const [low, high] = [readTimestamp(text.trim()), readTimestamp(end)]
      if (low !== null && high !== null && low.nanos >= high.nanos)
        throw new AppError('invalid-request', 'The first value is above the second.')
      return [
        { fieldId, operator: 'gt-eq', text },
        { fieldId, operator: 'lt', text: end },
      ]
    }
    case 'not-eq':
      if (next === null) return [draft]
      throw new AppError('invalid-request', `A day cannot be left out: write < ${text.trim()}, or >= ${next}.`)
    case 'in':
    case 'not-in':
      if (text.split(/[,\n]/).every((part) => dayAfter(part) === null)) return [draft]
      throw new AppError('invalid-request', 'A list has times and no days. Write a range of days, or each time.')
    default:
      return [draft]
  }
}

/** `2001-03-31` → `2001-04-01`; null for a text that is not a bare date. */
function dayAfter(text: string): string | null {
  const date = text.trim()
  if (/[T :]/.test(date)) return null
  const day = readTimestamp(date)
  if (day === null || day.hasOffset) return null
  return formatValue('date', Number(day.nanos / NANOS_PER_DAY) + 1)
}
