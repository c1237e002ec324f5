import { AppError } from '@/lib/errors'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType, Type, Value } from '@/lib/iceberg/schema/types'
import { zonedTimestampText } from '@/lib/iceberg/schema/zoned-time'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { compareComparables } from '@/lib/scan/predicate/comparable'
import { toLiteral } from '@/lib/scan/predicate/literal'
import {
  type BoundPredicate,
  conditionsOf,
  type Literal,
  type Predicate,
  type UnboundCondition,
} from '@/lib/scan/predicate/predicate'
import { predicateToText } from '@/lib/scan/predicate/predicate-text'
import { comparablesOf } from '@/lib/scan/predicate/value-test'
import type { FilterColumn } from './filter-columns'
import type { FilterCondition } from './row-filter'
import { type ListedValue, quoteListed, splitValues } from './value-list'
import { shownInstant, writeOffsets } from './write-offsets'

export type Operator = UnboundCondition['kind']

export const OPERATOR_LABELS: Readonly<Record<Operator, string>> = {
  eq: '=',
  'not-eq': '≠',
  lt: '<',
  'lt-eq': '≤',
  gt: '>',
  'gt-eq': '≥',
  between: 'between',
  contains: 'contains',
  'not-contains': 'does not contain',
  'starts-with': 'starts with',
  'not-starts-with': 'does not start with',
  'ends-with': 'ends with',
  'not-ends-with': 'does not end with',
  in: 'in',
  'not-in': 'not in',
  'is-null': 'is null',
  'not-null': 'is not null',
  'is-nan': 'is NaN',
  'not-nan': 'is not NaN',
}

const NULL_TESTS: readonly Operator[] = ['is-null', 'not-null']
const ORDERED: readonly Operator[] = ['eq', 'not-eq', 'lt', 'lt-eq', 'gt', 'gt-eq', 'between', 'in', 'not-in']
const TEXT_TESTS: readonly Operator[] = [
  'contains',
  'not-contains',
  'starts-with',
  'not-starts-with',
  'ends-with',
  'not-ends-with',
]

/** The operators that fit a column, most used first. */
export function operatorsOf(type: Type): readonly Operator[] {
  if (typeof type !== 'string') return NULL_TESTS
  switch (parsePrimitive(type).kind) {
    case 'boolean':
      return ['eq', 'not-eq', ...NULL_TESTS]
    case 'string':
      return ['eq', 'not-eq', ...TEXT_TESTS, ...ORDERED.slice(2), ...NULL_TESTS]
    case 'float':
    case 'double':
      return [...ORDERED, ...NULL_TESTS, 'is-nan', 'not-nan']
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      return NULL_TESTS
    default:
      return [...ORDERED, ...NULL_TESTS]
  }
}

/** How many values an operator needs. */
export function valueCountOf(operator: Operator): 'none' | 'one' | 'two' | 'many' {
  if (['is-null', 'not-null', 'is-nan', 'not-nan'].includes(operator)) return 'none'
  if (operator === 'between') return 'two'
  return operator === 'in' || operator === 'not-in' ? 'many' : 'one'
}

/**
 * A condition that is being written: its values as text, separated by commas or line breaks for lists, and of two the
 * second as `endText`. A text in double quotes is read as JSON, so that a value can be empty or have line breaks.
 */
export type ConditionDraft = { fieldId: number; operator: Operator; text: string; endText?: string }

/** 2024-05-17T20:31:08Z */
const EXAMPLE_MICROS = 1_715_977_868_000_000n

/** An example of a value of a column. */
export function valueExample(type: Type, timeZone: string): string {
  const { kind } = parsePrimitive(typeof type === 'string' ? type : 'unknown')
  switch (kind) {
    case 'date':
      return '2024-05-17'
    case 'time':
      return '22:31:08.5'
    case 'timestamp':
    case 'timestamp_ns':
      return '2024-05-17 22:31:08'
    case 'timestamptz':
    case 'timestamptz_ns':
      return `${zonedTimestampText(EXAMPLE_MICROS, timeZone)}. Without an offset it is in UTC`
    case 'uuid':
      return 'f79c3e09-677c-4bbd-a479-3f349cb785e7'
    case 'binary':
    case 'fixed':
      return 'hexadecimal bytes: 0a1b2c'
    case 'string':
      return 'ABQ. Quote empty strings and line breaks: "" or "two\\nlines"'
    default:
      return ''
  }
}

/**
 * The condition of a draft. Values stay exact: their text is never turned into a number that would change it. Times are
 * written out as the grid shows them: those with a zone get their offset, and bare dates their midnight.
 *
 * @throws {AppError} invalid-request, naming the problem of a value
 */
export function toPredicate(
  draft: ConditionDraft,
  column: FilterColumn,
  { fields, timeZone }: { fields: readonly NestedField[]; timeZone: string },
): Predicate {
  const predicate = writeOffsets(buildPredicate(draft, column), [column], timeZone)
  // Throws if the value does not fit the column.
  const bound = bindPredicate(predicate, { fields })
  if (predicate.kind === 'between' && isEmptyRange(bound)) throw valueError('The first value is above the second.')
  return predicate
}

/** Whether no value is between two others, because the first is above the second. */
function isEmptyRange(bound: BoundPredicate): boolean {
  const [low, high] = conditionsOf(bound).map((condition) => comparablesOf(condition)[0])
  return low !== undefined && high !== undefined && compareComparables(low, high) > 0
}

/** The draft that a condition came from; null if it cannot be edited as one column, operator and value. */
export function toDraft(
  { predicate }: FilterCondition,
  columns: readonly FilterColumn[],
  timeZone: string,
): ConditionDraft | null {
  if (!isCondition(predicate)) return null
  const column = columns.find(
    ({ reference, fieldId }) => reference === predicate.column || fieldId === predicate.column,
  )
  if (!column || !operatorsOf(column.type).includes(predicate.kind)) return null
  const { fieldId, type } = column
  const operator = predicate.kind
  const values = valueTexts(predicate, type, timeZone)
  if (valueCountOf(operator) === 'many') return { fieldId, operator, text: values.map(quoteListed).join('\n') }
  const [text = '', endText] = type === 'string' ? values.map(quoteIfNeeded) : values
  return { fieldId, operator, text, ...(endText !== undefined && { endText }) }
}

/**
 * A condition that the value of a cell passes and others do not, or the other way round; null if no condition does. As
 * in SQL, null compares with no value, so it passes only the tests for null.
 */
export function predicateForValue(
  { reference, type }: FilterColumn,
  value: Value | null,
  isExcluded = false,
): Predicate | null {
  if (value === null) return { kind: isExcluded ? 'not-null' : 'is-null', column: reference }
  if (!operatorsOf(type).includes('eq') || typeof type !== 'string') return null
  if (Number.isNaN(value)) return { kind: isExcluded ? 'not-nan' : 'is-nan', column: reference }
  const isOfType = parsePrimitive(type).kind !== 'string' || typeof value === 'string'
  if (!isOfType || (typeof value === 'number' && !Number.isFinite(value))) return null
  return { kind: isExcluded ? 'not-eq' : 'eq', column: reference, value: toLiteral(type, value) }
}

const MAX_LISTED_VALUES = 3
const MAX_CHIP_CHARS = 80

/** A condition for its chip: `origin = 'SFO'`. */
export function conditionText({ predicate }: FilterCondition, columns: readonly FilterColumn[], timeZone: string) {
  if (!isCondition(predicate)) return shorten(predicateToText(writeOffsets(predicate, columns, timeZone)))
  const column = columns.find(
    ({ reference, fieldId }) => reference === predicate.column || fieldId === predicate.column,
  )
  const name = column?.name ?? String(predicate.column)
  const operator = OPERATOR_LABELS[predicate.kind]
  const values = valueTexts(predicate, column?.type ?? 'unknown', timeZone)
  const quoted = values.map((value) => (column?.type === 'string' ? `'${value.replaceAll("'", "''")}'` : value))
  switch (valueCountOf(predicate.kind)) {
    case 'none':
      return shorten(`${name} ${operator}`)
    case 'one':
      return shorten(`${name} ${operator} ${quoted.join('')}`)
    case 'two':
      return shorten(`${name} ${operator} ${quoted.join(' and ')}`)
    case 'many': {
      const more = quoted.length - MAX_LISTED_VALUES
      const listed = [...quoted.slice(0, MAX_LISTED_VALUES), ...(more > 0 ? [`${more} more`] : [])]
      return shorten(`${name} ${operator} (${listed.join(', ')})`)
    }
  }
}

function isCondition(predicate: Predicate): predicate is UnboundCondition {
  return 'column' in predicate
}

function shorten(text: string): string {
  return text.length > MAX_CHIP_CHARS ? `${text.slice(0, MAX_CHIP_CHARS)}…` : text
}

/** As the user wrote them, but times as the grid shows them: those with a zone by clocks of the user's zone. */
function valueTexts(predicate: UnboundCondition, type: Type, timeZone: string): string[] {
  return literalsOf(predicate).map((literal) => shownInstant(literal, type, timeZone) ?? String(literal))
}

function literalsOf(predicate: UnboundCondition): readonly Literal[] {
  if ('values' in predicate) return predicate.values
  if ('value' in predicate) return [predicate.value]
  return predicate.kind === 'between' ? [predicate.low, predicate.high] : []
}

function buildPredicate({ operator, text, endText = '' }: ConditionDraft, column: FilterColumn): Predicate {
  const { reference, type } = column
  const primitive = typeof type === 'string' ? type : 'unknown'
  switch (operator) {
    case 'is-null':
    case 'not-null':
    case 'is-nan':
    case 'not-nan':
      return { kind: operator, column: reference }
    case 'in':
    case 'not-in': {
      const values = splitValues(text)
      if (values.length === 0) throw valueError('Enter at least one value.')
      const toListed = ({ text: listed, isQuoted }: ListedValue) =>
        isQuoted && primitive === 'string' ? listed : toLiteralOf(primitive, listed)
      return { kind: operator, column: reference, values: values.map(toListed) }
    }
    case 'between':
      return {
        kind: operator,
        column: reference,
        low: toLiteralOf(primitive, text),
        high: toLiteralOf(primitive, endText),
      }
    default:
      return { kind: operator, column: reference, value: toLiteralOf(primitive, text) }
  }
}

/** A text as a field of the editor can hold it: an input has no line breaks. */
function quoteIfNeeded(text: string): string {
  return /[\r\n]/.test(text) || text !== unquote(text) ? JSON.stringify(text) : text
}

function unquote(text: string): string {
  const trimmed = text.trim()
  if (!trimmed.startsWith('"') || !trimmed.endsWith('"')) return text
  try {
    const value: unknown = JSON.parse(trimmed)
    return typeof value === 'string' ? value : text
  } catch {
    return text
  }
}

function toLiteralOf(type: PrimitiveType, text: string): Literal {
  const { kind } = parsePrimitive(type)
  if (kind === 'string') return unquote(text)
  const trimmed = text.trim()
  if (trimmed === '') throw valueError('Enter a value.')
  switch (kind) {
    case 'boolean':
      return trimmed === 'true' || trimmed === 'false' ? trimmed === 'true' : trimmed
    case 'int':
    case 'long':
    case 'decimal':
    case 'float':
    case 'double':
      return toNumberLiteral(trimmed)
    case 'binary':
    case 'fixed':
      return trimmed.replace(/^0x/i, '').replaceAll(/\s/g, '')
    default:
      return trimmed
  }
}

/** Digit by digit, unless JavaScript writes the same number. */
function toNumberLiteral(text: string): Literal {
  const number = text.replace(/^−/, '-')
  if (!/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(number)) return number
  return String(Number(number)) === number ? Number(number) : new JsonNumber(number)
}

function valueError(message: string): AppError {
  return new AppError('invalid-request', message)
}

/** The problem of a condition, without repeating that it is in the filter. */
export function conditionProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/^The filter cannot be applied\. /, '')
}
