import { type Comparable, compareComparables, startsWithBytes } from './comparable'
import type { BoundCondition } from './predicate'
import { comparablesOf, createValueTest, firstNotLess, primitiveOf } from './value-test'

/**
 * The possible values of a column in some rows: of a file, a row group, a page, or a partition. It may be too wide,
 * never too narrow.
 */
export type ValueRange = {
  /** Every value other than null and NaN is at least this; null if not known. */
  lower: Comparable | null
  /** Every value other than null and NaN is at most this; null if not known. */
  upper: Comparable | null
  /**
   * Whether bounds of bytes may be truncated. A writer increments the upper one then, but not every writer does, so
   * values that start with it are not above it.
   */
  isTruncatable: boolean
  mightHoldNull: boolean
  mightHoldNan: boolean
  /** Whether there might be a value other than null and NaN. */
  mightHoldValue: boolean
}

export const UNKNOWN_RANGE: ValueRange = {
  lower: null,
  upper: null,
  isTruncatable: true,
  mightHoldNull: true,
  mightHoldNan: true,
  mightHoldValue: true,
}

/**
 * Whether a row with a value of this range might pass a condition. Never says no wrongly.
 *
 * It is not sure either where Iceberg's own libraries differ from SQL: there, null passes `!=` and `not in`. A plan that
 * another engine requested has to hold in both.
 */
export function mightMatchRange(condition: BoundCondition, range: ValueRange): boolean {
  if (primitiveOf(condition) !== 'uuid') return mightMatchOrdered(condition, range, compareComparables)
  // Java compares the halves of a UUID as signed numbers, so bounds of its writers may be in that order. Rows are not.
  const { lower, upper } = range
  const isExact = lower !== null && upper !== null && compareComparables(lower, upper) === 0
  if (isExact) return mightMatchOrdered(condition, range, compareComparables)
  if (isOrder(condition))
    return mightMatchOrdered(condition, { ...range, lower: null, upper: null }, compareComparables)
  return [compareComparables, compareSignedUuids].some((compare) => mightMatchOrdered(condition, range, compare))
}

function isOrder({ kind }: BoundCondition): boolean {
  return kind === 'lt' || kind === 'lt-eq' || kind === 'gt' || kind === 'gt-eq'
}

type Compare = (a: Comparable, b: Comparable) => number

function mightMatchOrdered(condition: BoundCondition, untrusted: ValueRange, compare: Compare): boolean {
  const range = toTrusted(untrusted, compare)
  const { lower, upper, mightHoldNull, mightHoldNan, mightHoldValue } = range
  const isBeyondUpper = (value: Comparable): boolean =>
    upper !== null && compare(value, upper) > 0 && !(range.isTruncatable && startsWithBytes(value, upper))
  const isAtUpper = (value: Comparable): boolean =>
    upper !== null && !range.isTruncatable && compare(value, upper) === 0
  const mightHold = (value: Comparable): boolean =>
    mightHoldValue && (lower === null || compare(lower, value) <= 0) && !isBeyondUpper(value)
  const mightHoldAny = (sorted: readonly Comparable[]): boolean => {
    if (lower === null || compare !== compareComparables) return sorted.some(mightHold)
    // Values that start with a truncated bound follow it at once, so the first one decides.
    const first = firstNotLess(sorted, lower)
    return first !== undefined && mightHold(first)
  }
  switch (condition.kind) {
    case 'is-null':
      return mightHoldNull
    case 'not-null':
      return mightHoldValue || mightHoldNan
    case 'is-nan':
      return mightHoldNan
    case 'not-nan':
      return mightHoldValue || mightHoldNull
    case 'in':
      return mightHoldAny(comparablesOf(condition))
    case 'not-in':
      return !isOnlyValue(range, compare, (only) =>
        comparablesOf(condition).some((value) => compare(value, only) === 0),
      )
    default: {
      const [value = 0] = comparablesOf(condition)
      switch (condition.kind) {
        case 'eq':
          return mightHold(value)
        case 'not-eq':
          return !isOnlyValue(range, compare, (only) => compare(value, only) === 0)
        case 'lt':
          return mightHoldValue && (lower === null || compare(lower, value) < 0)
        case 'lt-eq':
          return mightHoldValue && (lower === null || compare(lower, value) <= 0)
        case 'gt':
          return mightHoldValue && !isBeyondUpper(value) && !isAtUpper(value)
        case 'gt-eq':
          return mightHoldValue && !isBeyondUpper(value)
        case 'starts-with': {
          if (!mightHoldValue) return false
          // The prefix itself is the least of the texts that start with it.
          const isAboveLower = lower === null || compare(lower, value) <= 0 || startsWithBytes(lower, value)
          return isAboveLower && !isBeyondUpper(value)
        }
        case 'not-starts-with': {
          const allStart =
            lower !== null && upper !== null && startsWithBytes(lower, value) && startsWithBytes(upper, value)
          return mightHoldNull || !allStart
        }
        case 'contains':
        case 'not-contains':
        case 'ends-with':
        case 'not-ends-with': {
          // Bounds say nothing about the middle or the end of the texts between them.
          const passes = createValueTest(condition)
          const isNegated = condition.kind.startsWith('not-')
          return (isNegated || mightHoldValue) && !isOnlyValue(range, compare, (only) => !passes(only))
        }
      }
    }
  }
}

/**
 * Whether all rows have one value, which `matches`. Truncated bounds do not say. A bound of −0 may stand for 0, which is
 * equal.
 */
function isOnlyValue(
  { lower, upper, isTruncatable, mightHoldNull, mightHoldNan }: ValueRange,
  compare: Compare,
  matches: (value: Comparable) => boolean,
): boolean {
  if (mightHoldNull || mightHoldNan || lower === null || upper === null || isTruncatable) return false
  return compare(lower, upper) === 0 && matches(lower)
}

/** Without bounds that contradict each other. */
export function toTrusted(range: ValueRange, compare: Compare = compareComparables): ValueRange {
  const { lower, upper } = range
  if (lower === null || upper === null || compare(lower, upper) <= 0) return range
  return { ...range, lower: null, upper: null }
}

function compareSignedUuids(a: Comparable, b: Comparable): number {
  if (!(a instanceof Uint8Array && b instanceof Uint8Array)) return Number.NaN
  return compareComparables(flipHalves(a), flipHalves(b))
}

/** Turns the order of two signed halves into the order of bytes. */
function flipHalves(uuid: Uint8Array): Uint8Array {
  return uuid.map((byte, i) => (i % 8 === 0 ? byte ^ 0x80 : byte))
}
