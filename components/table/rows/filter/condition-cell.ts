import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { Type } from '@/lib/iceberg/schema/types'
import { hasInstants } from '@/lib/scan/value-text'
import { type ConditionDraft, OPERATOR_LABELS, type Operator, operatorsOf, valueCountOf } from './condition-draft'
import type { FilterColumn } from './filter-columns'
import { quoteListed, splitValues } from './value-list'
import { expandDays } from './whole-days'

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

/** Whole texts that are tests for null. Longer ones, such as `null island`, are values. */
const TYPED_NULL_TESTS: ReadonlyMap<string, Operator> = new Map([
  ['null', 'is-null'],
  ['not null', 'not-null'],
  ['!null', 'not-null'],
])

/** The same for NaN, in columns that can have it. */
const TYPED_NAN_TESTS: ReadonlyMap<string, Operator> = new Map([
  ['nan', 'is-nan'],
  ['not nan', 'not-nan'],
  ['!nan', 'not-nan'],
])

/** Two values, of which the first may be quoted. */
const RANGE = /^("(?:[^"\\]|\\.)*"|.+?)\s+and\s+(.+)$/is
/** A text in single quotes, as chips have it, where a value begins and ends. */
const SQL_TEXT = /(^|[,(]\s*|\sand\s+)'((?:[^']|'')*)'(?=\s*(?:[,)]|$|\sand\s))/gi

/** `1..10`, and `1–10` as typesetting has it. A hyphen also begins a negative number and is part of a date. */
const DOTTED_RANGE = /^(.+?)\s*(?:\.\.|–)\s*(.+)$/s
const NUMBER = '[+-]?\\d+(?:\\.\\d+)?'
const HYPHEN_RANGE = new RegExp(`^(${NUMBER})\\s*-\\s*(${NUMBER})$`)
const LOWER_THEN_UPPER = /^(>=?|≥)\s*([^<>≤≥=]+?)\s*(?:\sand\s+|,\s*)?(<=?|≤)\s*([^<>≤≥=]+)$/i
const UPPER_THEN_LOWER = /^(<=?|≤)\s*([^<>≤≥=]+?)\s*(?:\sand\s+|,\s*)?(>=?|≥)\s*([^<>≤≥=]+)$/i
const QUOTED_LIST = /^"(?:[^"\\]|\\.)*"(?:\s*,\s*"(?:[^"\\]|\\.)*")+$/
/** `1,234` may be one number, or two. */
const GROUPED_DIGITS = /^[+-]?\d{1,3}(?:,\d{3})+$/
/** `abc*`, `*abc` and `*abc*`. */
const WILDCARD = /^(\*?)([^*]+)(\*?)$/s

/**
 * Reads the text below a known column. It has the forms of chips without the name of the column, such as `≥ 45`,
 * `in (SFO, LAX)` and `is null`, and shorter ones: `null`, `1, 2`, `1..10`, `>= 1 < 5` and `abc*`. A value alone has to
 * be equal. A bare date is a whole day in a column of timestamps.
 *
 * @returns a condition, or two that are the bounds of a range with an open end
 * @throws {AppError} invalid-request
 */
export function parseConditionCell(text: string, column: FilterColumn): ConditionDraft[] {
  const typed = text.trim()
  const read = readBounds(typed, column) ?? [readShortForm(typed, column) ?? readCondition(typed, column)]
  return read.flatMap((draft) => expandDays(draft, column.type))
}

/** Two comparisons of a column whose values have no comparison signs in them. */
function readBounds(typed: string, { fieldId, type }: FilterColumn): ConditionDraft[] | null {
  if (type === 'string' || !operatorsOf(type).includes('between')) return null
  const [, firstSign, first, secondSign, second] = LOWER_THEN_UPPER.exec(typed) ?? UPPER_THEN_LOWER.exec(typed) ?? []
  if (firstSign === undefined || first === undefined || secondSign === undefined || second === undefined) return null
  const toBound = (sign: string, text: string): ConditionDraft => ({ fieldId, operator: comparisonOf(sign), text })
  const bounds = [toBound(firstSign, first), toBound(secondSign, second)]
  const low = bounds.find(({ operator }) => operator === 'gt-eq')
  const high = bounds.find(({ operator }) => operator === 'lt-eq')
  return low && high ? [{ ...low, operator: 'between', endText: high.text }] : bounds
}

function comparisonOf(sign: string): Operator {
  return TYPED_OPERATORS.find(([label]) => label === sign)?.[1] ?? 'eq'
}

/** A condition without an operator; null for a value. */
function readShortForm(typed: string, { fieldId, type }: FilterColumn): ConditionDraft | null {
  const words = typed.toLowerCase().replaceAll(/\s+/g, ' ').replace(/^! /, '!')
  const test = TYPED_NULL_TESTS.get(words) ?? (hasNan(type) ? TYPED_NAN_TESTS.get(words) : undefined)
  if (test) return { fieldId, operator: test, text: '' }
  if (TYPED_OPERATORS.some(([label]) => startsWith(typed, label)) || !operatorsOf(type).includes('in')) return null
  if (type === 'string') return readTextForm(typed.replace(SQL_TEXT, quoteSqlText), fieldId)
  const [, low, high] = DOTTED_RANGE.exec(typed) ?? (isNumber(type) ? (HYPHEN_RANGE.exec(typed) ?? []) : [])
  if (low !== undefined && high !== undefined) return { fieldId, operator: 'between', text: low, endText: high }
  if (!typed.includes(',')) return null
  if (isNumber(type) && GROUPED_DIGITS.test(typed)) {
    const listed = typed.replaceAll(',', ', ')
    throw conditionError(`“${typed}” can be a number or a list. Write ${typed.replaceAll(',', '')}, or in (${listed}).`)
  }
  return { fieldId, operator: 'in', text: withoutParentheses(typed) }
}

function readTextForm(typed: string, fieldId: number): ConditionDraft | null {
  if (QUOTED_LIST.test(withoutParentheses(typed))) return { fieldId, operator: 'in', text: withoutParentheses(typed) }
  if (typed.startsWith('"')) return null
  if (typed.includes(',')) {
    throw conditionError(`“${typed}” could be one text or a list. Write = ${typed}, or in (${typed}).`)
  }
  const [, before = '', text = '', after = ''] = WILDCARD.exec(typed) ?? []
  if (before === '' && after === '') return null
  return { fieldId, operator: before === '' ? 'starts-with' : after === '' ? 'ends-with' : 'contains', text }
}

function readCondition(typed: string, { fieldId, name, type }: FilterColumn): ConditionDraft {
  const [label, operator] = TYPED_OPERATORS.find(([candidate]) => startsWith(typed, candidate)) ?? (['', 'eq'] as const)
  const offered = operatorsOf(type)
  if (!offered.includes(operator)) {
    const labels = offered.map((candidate) => OPERATOR_LABELS[candidate]).join(', ')
    const isStruct = typeof type === 'object' && type.type === 'struct'
    const fields = isStruct ? ` Its fields can be chosen under + Filter.` : ''
    throw conditionError(`${name} has these operators: ${labels}.${fields}`)
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
      return { fieldId, operator, text: withoutParentheses(values) }
  }
}

/** Examples of conditions for a column of a type, as a sentence. */
export function conditionExamples(type: Type): string {
  const operators = operatorsOf(type)
  const forms =
    type === 'string'
      ? ['SFO', 'SF*', 'in (SFO, LAX)', 'contains F']
      : isNumber(type)
        ? ['5', '1, 2', '1..10', '>= 1 < 5', '!= 3']
        : typeof type === 'string' && /^(?:date|timestamp)/.test(type)
          ? ['2024-05-17', '>= 2024-05-17', '2024-05-01..2024-05-31']
          : operators.includes('eq')
            ? [type === 'boolean' ? 'true' : '= …']
            : []
  const nanForms = hasNan(type) ? ['NaN', 'not NaN'] : []
  const zone = hasInstants(type) ? '. Times without an offset, and days, are in UTC' : ''
  return `Examples: ${[...forms, 'null', 'not null', ...nanForms].join('; ')}${zone}`
}

function hasNan(type: Type): boolean {
  return operatorsOf(type).includes('is-nan')
}

function isNumber(type: Type): boolean {
  if (typeof type !== 'string') return false
  return ['int', 'long', 'float', 'double', 'decimal'].includes(parsePrimitive(type).kind)
}

function withoutParentheses(values: string): string {
  return /^\(.*\)$/s.test(values) ? values.slice(1, -1) : values
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
    const [condition] = parseConditionCell(typed, column)
    return condition?.operator === 'eq' && condition.text === typed
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
