import fc from 'fast-check'
import { arbitraryValue, type ComparableType } from './sample-values'
import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { toLiteral } from '@/lib/scan/predicate/literal'
import {
  COMPARISONS,
  type Predicate,
  TEXT_TESTS,
  toComparisons,
  type UnboundCondition,
} from '@/lib/scan/predicate/predicate'

/** Random predicates on columns `c0`, `c1` …, and the rows that pass them by the rules of SQL. For tests. */

export type Row = readonly (Value | null)[]

export function arbitraryPredicate(types: readonly ComparableType[]): fc.Arbitrary<Predicate> {
  const condition = fc.constantFrom(...types.entries()).chain(([index, type]): fc.Arbitrary<Predicate> => {
    const column = `c${index}`
    const isFloating = type === 'float' || type === 'double'
    const literal = arbitraryValue(type)
      .filter((value) => typeof value !== 'number' || Number.isFinite(value))
      .map((value) => toLiteral(type, value))
    const unary = isFloating
      ? (['is-null', 'not-null', 'is-nan', 'not-nan'] as const)
      : (['is-null', 'not-null'] as const)
    const binary = type === 'string' ? ([...COMPARISONS, ...TEXT_TESTS] as const) : COMPARISONS
    return fc.oneof(
      { arbitrary: fc.record({ kind: fc.constantFrom(...unary), column: fc.constant(column) }), weight: 1 },
      {
        arbitrary: fc.record({ kind: fc.constantFrom(...binary), column: fc.constant(column), value: literal }),
        weight: 4,
      },
      {
        arbitrary: fc.record({
          kind: fc.constant('between' as const),
          column: fc.constant(column),
          low: literal,
          high: literal,
        }),
        weight: 1,
      },
      {
        arbitrary: fc.record({
          kind: fc.constantFrom('in' as const, 'not-in' as const),
          column: fc.constant(column),
          values: fc.array(literal, { minLength: 1, maxLength: 3 }),
        }),
        weight: 1,
      },
    )
  })
  return fc.letrec<{ predicate: Predicate }>((tie) => ({
    predicate: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      condition,
      fc.record({ kind: fc.constant('not' as const), part: tie('predicate') }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        parts: fc.array(tie('predicate'), { minLength: 2, maxLength: 3 }),
      }),
    ),
  })).predicate
}

/** The three values of SQL's logic, null for unknown. */
export function decide(predicate: Predicate, row: Row, types: readonly ComparableType[]): boolean | null {
  switch (predicate.kind) {
    case 'true':
      return true
    case 'false':
      return false
    case 'not': {
      const inner = decide(predicate.part, row, types)
      return inner === null ? null : !inner
    }
    case 'and':
    case 'or': {
      const parts = predicate.parts.map((part) => decide(part, row, types))
      const decisive = predicate.kind === 'or'
      if (parts.includes(decisive)) return decisive
      return parts.includes(null) ? null : !decisive
    }
    case 'between':
      return decide(toComparisons(predicate), row, types)
    default:
      return decideCondition(predicate, row, types)
  }
}

function decideCondition(
  predicate: Exclude<UnboundCondition, { kind: 'between' }>,
  row: Row,
  types: readonly ComparableType[],
): boolean | null {
  const index = Number(String(predicate.column).slice(1))
  const type = types[index] ?? 'int'
  const value = row[index] ?? null
  if (value === null) return predicate.kind === 'is-null' || (predicate.kind === 'not-null' ? false : null)
  const toKey = (literal: unknown) => keyOf(type, literalValue(type, literal))
  const key = keyOf(type, value)
  const equals = (literal: unknown) => key === toKey(literal)
  switch (predicate.kind) {
    case 'is-null':
      return false
    case 'not-null':
      return true
    case 'is-nan':
      return Number.isNaN(value)
    case 'not-nan':
      return !Number.isNaN(value)
    case 'in':
      return predicate.values.some(equals)
    case 'not-in':
      return !predicate.values.some(equals)
    case 'starts-with':
      return String(value).startsWith(String(predicate.value))
    case 'not-starts-with':
      return !String(value).startsWith(String(predicate.value))
    case 'contains':
      return String(value).includes(String(predicate.value))
    case 'not-contains':
      return !String(value).includes(String(predicate.value))
    case 'ends-with':
      return String(value).endsWith(String(predicate.value))
    case 'not-ends-with':
      return !String(value).endsWith(String(predicate.value))
    case 'eq':
      return equals(predicate.value)
    case 'not-eq':
      return !equals(predicate.value)
    case 'lt':
      return key < toKey(predicate.value)
    case 'lt-eq':
      return key <= toKey(predicate.value)
    case 'gt':
      return key > toKey(predicate.value)
    case 'gt-eq':
      return key >= toKey(predicate.value)
  }
}

/** Something that JavaScript's own operators order as the type's values: bytes as text of one char per byte. */
export function keyOf(type: ComparableType, value: Value): number | bigint | string {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return value === 0 ? 0 : value
  if (typeof value === 'bigint') return value
  const bytes =
    typeof value === 'string' ? new TextEncoder().encode(type === 'uuid' ? value.toLowerCase() : value) : value
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

/** Literals of this test are written from values of the type, of which only a few kinds are written otherwise. */
function literalValue(type: ComparableType, literal: unknown): Value {
  const column: NestedField = { id: 1, name: 'x', required: false, type }
  const bound = bindPredicate({ kind: 'eq', column: 'x', value: literal as string }, { fields: [column] })
  if (bound.kind !== 'eq') throw new Error('the literal is not a value of the column')
  return bound.value
}
