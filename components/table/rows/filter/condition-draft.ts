import { AppError } from '@/lib/errors'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import { floorDivide } from '@/lib/iceberg/schema/calendar'
import { parseDate, parseTimeNanos } from '@/lib/iceberg/schema/default-value'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType, Type, Value } from '@/lib/iceberg/schema/types'
import { offsetMs, offsetText, toInstants } from '@/lib/iceberg/schema/zoned-time'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { toLiteral } from '@/lib/scan/predicate/literal'
import type { BoundPredicate, Literal, Predicate, UnboundCondition } from '@/lib/scan/predicate/predicate'
import { predicateToText } from '@/lib/scan/predicate/predicate-text'
import { valueText } from '@/lib/scan/value-text'
import type { FilterColumn, FilterCondition } from './row-filter'

export type Operator = UnboundCondition['kind']

export const OPERATOR_LABELS: Readonly<Record<Operator, string>> = {
  eq: '=',
  'not-eq': '≠',
  lt: '<',
  'lt-eq': '≤',
  gt: '>',
  'gt-eq': '≥',
  'starts-with': 'starts with',
  'not-starts-with': 'does not start with',
  in: 'in',
  'not-in': 'not in',
  'is-null': 'is null',
  'not-null': 'is not null',
  'is-nan': 'is NaN',
  'not-nan': 'is not NaN',
}

const NULL_TESTS: readonly Operator[] = ['is-null', 'not-null']
const ORDERED: readonly Operator[] = ['eq', 'not-eq', 'lt', 'lt-eq', 'gt', 'gt-eq', 'in', 'not-in']

/** The operators that fit a column, most used first. */
export function operatorsOf(type: Type): readonly Operator[] {
  if (typeof type !== 'string') return NULL_TESTS
  switch (parsePrimitive(type).kind) {
    case 'boolean':
      return ['eq', 'not-eq', ...NULL_TESTS]
    case 'string':
      return ['eq', 'not-eq', 'starts-with', 'not-starts-with', ...ORDERED.slice(2), ...NULL_TESTS]
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
export function valueCountOf(operator: Operator): 'none' | 'one' | 'many' {
  if (['is-null', 'not-null', 'is-nan', 'not-nan'].includes(operator)) return 'none'
  return operator === 'in' || operator === 'not-in' ? 'many' : 'one'
}

/**
 * A condition that is being written: its values as text, one per line for lists. A text in double quotes is read as
 * JSON, so that a value can be empty or have line breaks.
 */
export type ConditionDraft = { fieldId: number; operator: Operator; text: string }

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
      return `2024-05-17 22:31:08 in ${timeZone}, or with an offset: 2024-05-17 22:31:08+02:00`
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
 * The condition of a draft. Values stay exact: their text is never turned into a number that would change it.
 *
 * @throws {AppError} invalid-request, naming the problem of a value
 */
export function toPredicate(
  { operator, text }: ConditionDraft,
  column: FilterColumn,
  { fields, timeZone }: { fields: readonly NestedField[]; timeZone: string },
): Predicate {
  const predicate = buildPredicate(operator, text, column, timeZone)
  // Throws if the value does not fit the column.
  bindPredicate(predicate, { fields })
  return predicate
}

/** The draft that a condition came from; null if it cannot be edited as one column, operator and value. */
export function toDraft({ predicate, bound }: FilterCondition, columns: readonly FilterColumn[], timeZone: string) {
  if (!isCondition(predicate)) return null
  const column = columns.find(
    ({ reference, fieldId }) => reference === predicate.column || fieldId === predicate.column,
  )
  if (!column || !operatorsOf(column.type).includes(predicate.kind)) return null
  const isText = column.type === 'string'
  const isMany = valueCountOf(predicate.kind) === 'many'
  const lines = valueTexts(predicate, bound, column.type, timeZone)
  const written = isText ? lines.map((line) => quoteIfNeeded(line, isMany)) : lines
  return { fieldId: column.fieldId, operator: predicate.kind, text: written.join('\n') }
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
export function conditionText(
  { predicate, bound }: FilterCondition,
  columns: readonly FilterColumn[],
  timeZone: string,
) {
  if (!isCondition(predicate)) return shorten(predicateToText(predicate))
  const column = columns.find(
    ({ reference, fieldId }) => reference === predicate.column || fieldId === predicate.column,
  )
  const name = column?.name ?? String(predicate.column)
  const operator = OPERATOR_LABELS[predicate.kind]
  const values = valueTexts(predicate, bound, column?.type ?? 'unknown', timeZone)
  const quoted = values.map((value) => (column?.type === 'string' ? `'${value.replaceAll("'", "''")}'` : value))
  switch (valueCountOf(predicate.kind)) {
    case 'none':
      return shorten(`${name} ${operator}`)
    case 'one':
      return shorten(`${name} ${operator} ${quoted.join('')}`)
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

/** As the user wrote them, but times with a zone as clocks of the user's zone show them. */
function valueTexts(predicate: UnboundCondition, bound: BoundPredicate, type: Type, timeZone: string): string[] {
  if (
    typeof type === 'string' &&
    type.startsWith('timestamptz') &&
    'column' in bound &&
    bound.kind === predicate.kind
  ) {
    const values = 'values' in bound ? bound.values : 'value' in bound ? [bound.value] : []
    return values.map((value) => valueText(type, value, timeZone))
  }
  const literals = 'values' in predicate ? predicate.values : 'value' in predicate ? [predicate.value] : []
  return literals.map(String)
}

function buildPredicate(operator: Operator, text: string, column: FilterColumn, timeZone: string): Predicate {
  const { reference, type } = column
  const literalOf = (value: string) => toLiteralOf(typeof type === 'string' ? type : 'unknown', value, timeZone)
  switch (operator) {
    case 'is-null':
    case 'not-null':
    case 'is-nan':
    case 'not-nan':
      return { kind: operator, column: reference }
    case 'in':
    case 'not-in': {
      const lines = text.split('\n').filter((line) => line.trim() !== '')
      if (lines.length === 0) throw valueError('Enter at least one value, one per line.')
      return { kind: operator, column: reference, values: lines.map(literalOf) }
    }
    default:
      return { kind: operator, column: reference, value: literalOf(text) }
  }
}

/** A text as a field of the editor can hold it: an input has no line breaks, and blank lines of a list are ignored. */
function quoteIfNeeded(text: string, isInList: boolean): string {
  const isLost = /[\r\n]/.test(text) || (isInList && text.trim() === '')
  return isLost || text !== unquote(text) ? JSON.stringify(text) : text
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

function toLiteralOf(type: PrimitiveType, text: string, timeZone: string): Literal {
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
    case 'timestamptz':
    case 'timestamptz_ns':
      return withOffset(trimmed, timeZone)
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

const LOCAL_TIME = /^([+-]?\d{4,9}-\d{2}-\d{2})(?:[T ]([\d:.]+))?$/

/** A time without an offset is one of the user's zone. */
function withOffset(text: string, timeZone: string): string {
  const [, date, time = '00:00'] = LOCAL_TIME.exec(text) ?? []
  if (date === undefined) return text
  const [days, nanos] = [parseDate(date), parseTimeNanos(time)]
  if (days === null || nanos === null) return text
  const localMs = days * 86_400_000 + Number(floorDivide(nanos, 1_000_000n))
  const instants = toInstants(localMs, timeZone)
  const [instant] = instants
  if (instant === undefined) throw valueError(`Clocks of ${timeZone} skip ${text}. Add an offset, such as +02:00.`)
  if (instants.length > 1) throw valueError(`Clocks of ${timeZone} show ${text} twice. Add an offset, such as +02:00.`)
  return `${date}T${time}${offsetText(offsetMs(instant, timeZone))}`
}

function valueError(message: string): AppError {
  return new AppError('invalid-request', message)
}
