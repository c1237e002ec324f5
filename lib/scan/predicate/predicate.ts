import type { JsonNumber } from '@/lib/iceberg/json/json-number'
import type { NestedField, Type, Value } from '@/lib/iceberg/schema/types'

/**
 * Conditions on the rows of a table, as a tree. A row passes if the predicate is true for it, not if it is unknown: as
 * in SQL, a comparison with null is neither true nor false.
 *
 * Floats compare as numbers: -0 equals 0, and NaN is neither less than, equal to nor greater than anything. (Iceberg
 * leaves NaN out of bounds, so a reader that sorted it anywhere could not skip files.)
 */

export const COMPARISONS = ['eq', 'not-eq', 'lt', 'lt-eq', 'gt', 'gt-eq'] as const
export type Comparison = (typeof COMPARISONS)[number]

/** Tests of a part of a text. Only the first two are in Iceberg's JSON; an order of bytes says nothing about the others. */
export const TEXT_TESTS = [
  'starts-with',
  'not-starts-with',
  'contains',
  'not-contains',
  'ends-with',
  'not-ends-with',
] as const
export type TextTest = (typeof TEXT_TESTS)[number]

/** One test of one column. */
export type Condition<Column, Literal> =
  | { kind: 'is-null' | 'not-null' | 'is-nan' | 'not-nan'; column: Column }
  | { kind: Comparison | TextTest; column: Column; value: Literal }
  | { kind: 'in' | 'not-in'; column: Column; values: readonly Literal[] }

/** A value as a client writes it: exact, and of no type yet. */
export type Literal = boolean | number | bigint | JsonNumber | string

/** A column by its dotted name or by its field id. */
export type ColumnReference = string | number

/** At least `low` and at most `high`. Bound, and in JSON, it is two comparisons. */
export type Between = { kind: 'between'; column: ColumnReference; low: Literal; high: Literal }

export type UnboundCondition = Condition<ColumnReference, Literal> | Between

/** A predicate as a client writes it, before it is bound to a schema. */
export type Predicate =
  | { kind: 'true' | 'false' }
  | { kind: 'and' | 'or'; parts: readonly Predicate[] }
  | { kind: 'not'; part: Predicate }
  | UnboundCondition

/** A column that a predicate tests: a field of the table, at the top or inside structs. */
export type BoundColumn = {
  fieldId: number
  /** Dotted. */
  name: string
  type: Type
  /** Its top-level column, with only the path to it. */
  field: NestedField
  /** How many structs are around it. */
  depth: number
}

/** Values have the type of the column. */
export type BoundCondition = Condition<BoundColumn, Value>

/** A predicate on the columns of one schema. It has no negations: they are part of the conditions. */
export type BoundPredicate =
  | { kind: 'true' | 'false' }
  | { kind: 'and' | 'or'; parts: readonly BoundPredicate[] }
  | BoundCondition

/** The kind of condition that is true where another is false. */
export const OPPOSITES = {
  'is-null': 'not-null',
  'not-null': 'is-null',
  'is-nan': 'not-nan',
  'not-nan': 'is-nan',
  eq: 'not-eq',
  'not-eq': 'eq',
  lt: 'gt-eq',
  'lt-eq': 'gt',
  gt: 'lt-eq',
  'gt-eq': 'lt',
  in: 'not-in',
  'not-in': 'in',
  'starts-with': 'not-starts-with',
  'not-starts-with': 'starts-with',
  contains: 'not-contains',
  'not-contains': 'contains',
  'ends-with': 'not-ends-with',
  'not-ends-with': 'ends-with',
} as const satisfies Record<BoundCondition['kind'], BoundCondition['kind']>

/** More would be a mistake or an attack. */
export const MAX_CONDITIONS = 1_000
export const MAX_LITERALS = 10_000
export const MAX_DEPTH = 100

/** A condition between two values as the comparisons that it stands for. */
export function toComparisons({ column, low, high }: Between): Predicate {
  return {
    kind: 'and',
    parts: [
      { kind: 'gt-eq', column, value: low },
      { kind: 'lt-eq', column, value: high },
    ],
  }
}

/** The columns that a predicate tests, each once. */
export function columnsOf(predicate: BoundPredicate): BoundColumn[] {
  const columns = new Map<number, BoundColumn>()
  for (const { column } of conditionsOf(predicate)) columns.set(column.fieldId, column)
  return [...columns.values()]
}

/** Whether the predicate holds, if each of its conditions does that `holds` says it does. */
export function evaluate(predicate: BoundPredicate, holds: (condition: BoundCondition) => boolean): boolean {
  switch (predicate.kind) {
    case 'true':
      return true
    case 'false':
      return false
    case 'and':
      return predicate.parts.every((part) => evaluate(part, holds))
    case 'or':
      return predicate.parts.some((part) => evaluate(part, holds))
    default:
      return holds(predicate)
  }
}

export function conditionsOf(predicate: BoundPredicate): BoundCondition[] {
  switch (predicate.kind) {
    case 'true':
    case 'false':
      return []
    case 'and':
    case 'or':
      return predicate.parts.flatMap(conditionsOf)
    default:
      return [predicate]
  }
}
