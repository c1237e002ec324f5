import { AppError } from '@/lib/errors'
import { type ConditionDraft, OPERATOR_LABELS, type Operator, operatorsOf, valueCountOf } from './condition-draft'
import type { FilterColumn } from './row-filter'
import { quoteListed, splitValues } from './value-list'

/** Operators as they are typed: as chips show them, and without the signs that keyboards lack. The longest come first. */
const TYPED_OPERATORS: readonly (readonly [string, Operator])[] = [
  ...Object.entries(OPERATOR_LABELS).map(([operator, label]) => [label, operator as Operator] as const),
  ...([
    ['!=', 'not-eq'],
    ['<>', 'not-eq'],
    ['<=', 'lt-eq'],
    ['>=', 'gt-eq'],
  ] as const),
].toSorted(([a], [b]) => b.length - a.length)

/** Two values, of which the first may be quoted. */
const RANGE = /^("(?:[^"\\]|\\.)*"|.+?)\s+and\s+(.+)$/is
/** A text in single quotes, as chips have it, where a value begins and ends. */
const SQL_TEXT = /(^|[,(]\s*|\sand\s+)'((?:[^']|'')*)'(?=\s*(?:[,)]|$|\sand\s))/gi

/**
 * Reads a condition of a known column, as its chip shows it without the name: `≥ 45`, `in (SFO, LAX)`, `is null`. A
 * value alone has to be equal.
 *
 * @throws {AppError} invalid-request
 */
export function parseConditionCell(text: string, { fieldId, name, type }: FilterColumn): ConditionDraft {
  const typed = text.trim()
  const [label, operator] = TYPED_OPERATORS.find(([candidate]) => startsWith(typed, candidate)) ?? (['', 'eq'] as const)
  const offered = operatorsOf(type)
  if (!offered.includes(operator)) {
    const labels = offered.map((candidate) => OPERATOR_LABELS[candidate]).join(', ')
    throw conditionError(`${name} has these operators: ${labels}.`)
  }
  const written = typed.slice(label.length).trim()
  const values = type === 'string' ? written.replace(SQL_TEXT, quoteSqlText) : written
  switch (valueCountOf(operator)) {
    case 'none':
      if (values !== '') throw conditionError(`Remove “${values}”: “${label}” takes no value.`)
      return { fieldId, operator, text: '' }
    case 'one':
      return { fieldId, operator, text: values }
    case 'two': {
      const [, low, high] = RANGE.exec(values) ?? []
      if (low === undefined || high === undefined) throw conditionError('Enter two values, e.g. between 1 and 5.')
      return { fieldId, operator, text: low, endText: high }
    }
    case 'many':
      return { fieldId, operator, text: /^\(.*\)$/s.test(values) ? values.slice(1, -1) : values }
  }
}

/** A condition as {@link parseConditionCell} reads it. */
export function conditionCellText({ operator, text, endText = '' }: ConditionDraft, column: FilterColumn): string {
  const label = OPERATOR_LABELS[operator]
  switch (valueCountOf(operator)) {
    case 'none':
      return label
    case 'one': {
      // Blanks around a value, and an empty one, are lost without quotes.
      const value = text === '' || text !== text.trim() || text.startsWith("'") ? JSON.stringify(text) : text
      return operator === 'eq' && isEquality(value, column) ? value : `${label} ${value}`
    }
    case 'two':
      return `${label} ${quoteEnd(text)} and ${quoteEnd(endText)}`
    case 'many':
      return `${label} (${splitValues(text)
        .map((value) => quoteListed(value.text))
        .join(', ')})`
  }
}

function isEquality(typed: string, column: FilterColumn): boolean {
  try {
    const { operator, text } = parseConditionCell(typed, column)
    return operator === 'eq' && text === typed
  } catch {
    // It begins like another operator.
    return false
  }
}

/** Words end where the operator does: `inch` does not begin with `in`. */
function startsWith(typed: string, label: string): boolean {
  if (typed.slice(0, label.length).toLowerCase() !== label.toLowerCase()) return false
  return !/\w$/.test(label) || !/^[\p{L}\p{N}_]/u.test(typed.slice(label.length))
}

function quoteSqlText(_: string, before: string, text: string): string {
  return before + JSON.stringify(text.replaceAll("''", "'"))
}

function quoteEnd(text: string): string {
  return /\sand\s/i.test(text) && !text.startsWith('"') ? JSON.stringify(text) : text
}

function conditionError(message: string): AppError {
  return new AppError('invalid-request', message)
}
