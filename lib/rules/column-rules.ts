import { AppError } from '@/lib/errors'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import {
  MAX_RULES,
  parseRule,
  RuleProblem,
  ruleProperty,
  tableRules,
  type ValueRule,
} from '@/lib/iceberg/properties/value-rules'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField, PrimitiveType, Schema, Value } from '@/lib/iceberg/schema/types'
import { compareComparables, toComparable } from '@/lib/scan/predicate/comparable'
import { locateLiteral, UnfitLiteral } from '@/lib/scan/predicate/literal'
import type { Literal } from '@/lib/scan/predicate/predicate'

/** A text of a rule, and its exact value in the column. */
export type RuleValue = { text: string; value: Value }

/** A rule with its columns in a schema, by their indexes. */
export type ColumnRule = { name: string } & (
  | { kind: 'not-null'; columnIndex: number }
  | { kind: 'range'; columnIndex: number; min: RuleValue | null; max: RuleValue | null }
  | { kind: 'pattern'; columnIndex: number; pattern: string }
  | { kind: 'values'; columnIndex: number; values: readonly RuleValue[] }
  | UniqueRule
)

export type UniqueRule = { name: string; kind: 'unique'; columnIndexes: readonly number[] }

const MAX_SHOWN_CHARS = 100

type Properties = ReadonlyMap<string, string> | Readonly<Record<string, string>>
type Fields = Pick<Schema, 'fields'>

/**
 * The rules of a table, in the order of their names.
 *
 * @throws {AppError} invalid-request naming the first property that is not a rule of these columns
 */
export function columnRules(properties: Properties, schema: Fields): ColumnRule[] {
  const named = tableRules(properties)
  requireRuleCount(named.length)
  return named.map(({ name, json }) => toColumnRule(name, json, schema))
}

/**
 * For one property that is set.
 *
 * @throws {AppError} invalid-request when it is not a rule of these columns
 */
export function toColumnRule(name: string, json: string, schema: Fields): ColumnRule {
  try {
    return { name, ...fitRule(parseRule(name, json), schema) }
  } catch (error) {
    if (!(error instanceof RuleProblem)) throw error
    const key = ruleProperty(name)
    throw new AppError('invalid-request', `${key} ${error.message}.`, { facts: { key } })
  }
}

/** @throws {AppError} invalid-request */
export function requireRuleCount(count: number): void {
  if (count <= MAX_RULES) return
  throw new AppError('invalid-request', `A table has at most ${MAX_RULES} rules (${ruleProperty('…')}), not ${count}.`)
}

type FittedRule = ColumnRule extends infer Rule ? (Rule extends ColumnRule ? Omit<Rule, 'name'> : never) : never

/** @throws {RuleProblem} */
function fitRule(rule: ValueRule, schema: Fields): FittedRule {
  switch (rule.kind) {
    case 'not-null': {
      const { columnIndex, field } = findColumn(rule.column, schema)
      if (field.type === 'unknown') throw typeProblem(field, 'notNull, because it holds no values')
      return { kind: 'not-null', columnIndex }
    }
    case 'range': {
      const { columnIndex, field } = findColumn(rule.column, schema)
      const type = requireType(field, 'min and max', ORDERED)
      const [min, max] = [rule.min, rule.max].map((text) => (text === null ? null : readValue(type, text, field)))
      if (min && max && compareComparables(toComparable(type, min.value), toComparable(type, max.value)) > 0)
        throw new RuleProblem(`has the min ${min.text}, which is more than its max ${max.text}`)
      return { kind: 'range', columnIndex, min: min ?? null, max: max ?? null }
    }
    case 'pattern': {
      const { columnIndex, field } = findColumn(rule.column, schema)
      requireType(field, 'pattern', ['string'])
      return { kind: 'pattern', columnIndex, pattern: rule.pattern }
    }
    case 'values': {
      const { columnIndex, field } = findColumn(rule.column, schema)
      const type = requireType(field, 'values', COMPARED)
      return { kind: 'values', columnIndex, values: rule.values.map((text) => readValue(type, text, field)) }
    }
    case 'unique': {
      const columns = rule.columns.map((name) => findColumn(name, schema))
      for (const { field } of columns) requireType(field, 'unique', EXACT)
      return { kind: 'unique', columnIndexes: columns.map(({ columnIndex }) => columnIndex) }
    }
  }
}

type Kind = ReturnType<typeof parsePrimitive>['kind']

const ORDERED: readonly Kind[] = [
  'int',
  'long',
  'decimal',
  'float',
  'double',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'timestamp_ns',
  'timestamptz_ns',
]
const COMPARED: readonly Kind[] = [...ORDERED, 'boolean', 'string', 'uuid', 'binary']
/** As for the key of an upsert: floating-point numbers that look alike may differ. */
const EXACT = COMPARED.filter((kind) => kind !== 'float' && kind !== 'double')

function findColumn(name: string, { fields }: Fields): { columnIndex: number; field: NestedField } {
  const columnIndex = fields.findIndex((field) => field.name === name)
  const field = fields[columnIndex]
  if (field === undefined) {
    throw new RuleProblem(
      `names the column ${name}, which the table does not have; if the column was renamed or dropped, set or remove the rule`,
    )
  }
  return { columnIndex, field }
}

function requireType(field: NestedField, what: string, kinds: readonly Kind[]): PrimitiveType {
  const { type } = field
  if (typeof type === 'string' && kinds.includes(parsePrimitive(type).kind)) return type
  throw typeProblem(field, what)
}

function typeProblem({ name, type }: NestedField, what: string): RuleProblem {
  return new RuleProblem(`cannot check the column ${name} of type ${typeLabel(type)} for ${what}`)
}

/** @throws {RuleProblem} if the column cannot have the value */
function readValue(type: PrimitiveType, text: string, { name }: NestedField): RuleValue {
  try {
    const located = locateLiteral(type, toLiteral(type, text))
    if (located.kind === 'value' && isLoadable(type, text, located.value)) return { text, value: located.value }
  } catch (error) {
    if (!(error instanceof UnfitLiteral)) throw error
    throw new RuleProblem(`does not fit the column ${name} of type ${type}: ${error.message}`)
  }
  const shown = JSON.stringify(text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text)
  throw new RuleProblem(`has ${shown} for the column ${name}, whose type ${type} cannot hold it exactly`)
}

/** Whether a load could store the value: the digits of decimals, the years of texts, and no zero characters. */
function isLoadable(type: PrimitiveType, text: string, value: Value): boolean {
  const primitive = parsePrimitive(type)
  if (primitive.kind === 'decimal' && typeof value === 'bigint') {
    const limit = 10n ** BigInt(primitive.precision)
    return value > -limit && value < limit
  }
  if (primitive.kind === 'string') return !text.includes('\0')
  return !(primitive.kind === 'date' || primitive.kind.startsWith('timestamp')) || /^(?!0000)\d{4}-/.test(text)
}

/** Floating-point numbers and booleans are not texts in literals. */
function toLiteral(type: PrimitiveType, text: string): Literal {
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text)
  const isFloating = type === 'float' || type === 'double'
  return isFloating && /^[+-]?\d/.test(text) ? new JsonNumber(text) : text
}
