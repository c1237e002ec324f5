import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { type Comparable, compareComparables, startsWithBytes, toComparable } from './comparable'
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
      const sorted = condition.values
        .map((value) => toComparable(primitiveOf(condition), value))
        .toSorted(compareComparables)
      const isIn = kind === 'in'
      return (value) => includesSorted(sorted, value) === isIn
    }
    default: {
      const literal = toComparable(primitiveOf(condition), condition.value)
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
      }
    }
  }
}

/** The primitive type of a condition's column; `unknown` for one that has no values to compare. */
export function primitiveOf({ column: { type } }: BoundCondition): PrimitiveType {
  return typeof type === 'string' ? type : 'unknown'
}

function includesSorted(sorted: readonly Comparable[], value: Comparable): boolean {
  let [low, high] = [0, sorted.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const order = compareComparables(sorted[middle] ?? 0, value)
    if (order === 0) return true
    // NaN has no order and is in no list.
    if (Number.isNaN(order)) return false
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return false
}
