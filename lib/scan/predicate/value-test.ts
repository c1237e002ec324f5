import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import {
  type Comparable,
  compareComparables,
  containsBytes,
  endsWithBytes,
  startsWithBytes,
  toComparable,
} from './comparable'
import type { BoundCondition } from './predicate'

/** Whether a value that is not null passes a condition. NaN is passed as it is. */
export type ValueTest = (value: Comparable) => boolean

/** @returns for a condition on nulls whether all or none pass */
export function createValueTest(condition: BoundCondition): ValueTest {
  const { kind } = condition
  switch (kind) {
    case 'is-null':
      return () => false
    case 'not-null':
      return () => true
    case 'is-nan':
      return (value) => Number.isNaN(value)
    case 'not-nan':
      return (value) => !Number.isNaN(value)
    case 'in':
    case 'not-in': {
      const sorted = comparablesOf(condition)
      const isIn = kind === 'in'
      return (value) => includesSorted(sorted, value) === isIn
    }
    default: {
      const [literal = 0] = comparablesOf(condition)
      switch (kind) {
        case 'eq':
          return (value) => compareComparables(value, literal) === 0
        case 'not-eq':
          return (value) => compareComparables(value, literal) !== 0
        case 'lt':
          return (value) => compareComparables(value, literal) < 0
        case 'lt-eq':
          return (value) => compareComparables(value, literal) <= 0
        case 'gt':
          return (value) => compareComparables(value, literal) > 0
        case 'gt-eq':
          return (value) => compareComparables(value, literal) >= 0
        case 'starts-with':
          return (value) => startsWithBytes(value, literal)
        case 'not-starts-with':
          return (value) => !startsWithBytes(value, literal)
        case 'contains':
          return (value) => containsBytes(value, literal)
        case 'not-contains':
          return (value) => !containsBytes(value, literal)
        case 'ends-with':
          return (value) => endsWithBytes(value, literal)
        case 'not-ends-with':
          return (value) => !endsWithBytes(value, literal)
      }
    }
  }
}

/** Conditions are compared with every file of a table, and a list may be long. */
const COMPARABLES = new WeakMap<BoundCondition, readonly Comparable[]>()

/** The values of a condition in the form that is compared, sorted. */
export function comparablesOf(condition: BoundCondition): readonly Comparable[] {
  const known = COMPARABLES.get(condition)
  if (known) return known
  const values = 'values' in condition ? condition.values : 'value' in condition ? [condition.value] : []
  const type = primitiveOf(condition)
  const comparables = values.map((value) => toComparable(type, value)).toSorted(compareComparables)
  COMPARABLES.set(condition, comparables)
  return comparables
}

/** The first of sorted values that is not less than a bound. */
export function firstNotLess(sorted: readonly Comparable[], bound: Comparable): Comparable | undefined {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareComparables(sorted[middle] ?? 0, bound) < 0) low = middle + 1
    else high = middle
  }
  return sorted[low]
}

/** The primitive type of a condition's column; `unknown` for one that has no values to compare. */
export function primitiveOf({ column: { type } }: BoundCondition): PrimitiveType {
  return typeof type === 'string' ? type : 'unknown'
}

function includesSorted(sorted: readonly Comparable[], value: Comparable): boolean {
  const found = firstNotLess(sorted, value)
  // NaN does not equal any value.
  return found !== undefined && compareComparables(found, value) === 0
}
