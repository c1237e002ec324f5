import { floorDivide } from '@/lib/iceberg/schema/calendar'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { applyTransform, canTransform, type Transform, transformResultType } from '@/lib/iceberg/partitioning/transform'
import type { BoundColumn, BoundCondition } from '../predicate/predicate'
import { primitiveOf } from '../predicate/value-test'
import { mightMatchRange, type ValueRange } from '@/lib/scan/predicate/value-range'

/** Whether a partition with a value of this range might have matching rows. */
export type PartitionTest = (range: ValueRange) => boolean

/**
 * Projects a condition on a column onto the values of a partition field of that column. Inclusive: every row that
 * passes the condition is in a partition that passes the test.
 *
 * Spec: Iceberg table spec, *Scan Planning* and *Partition Transforms*.
 *
 * @returns null if the field decides nothing
 */
export function projectCondition(condition: BoundCondition, transform: Transform): PartitionTest | null {
  const type = primitiveOf(condition)
  if (transform.kind === 'void' || !canTransform(transform, type)) return null
  const column = { ...condition.column, type: transformResultType(transform, type) }
  switch (condition.kind) {
    case 'is-null':
      // Every transform but void gives null for null only.
      return testOf({ kind: 'is-null', column })
    case 'not-null':
      return testOf({ kind: 'not-null', column })
    case 'is-nan':
    case 'not-nan':
      return transform.kind === 'identity' ? testOf({ kind: condition.kind, column }) : null
    default:
      return projectValues(condition, type, transform, column)
  }
}

type ValueCondition = Extract<BoundCondition, { value: Value } | { values: readonly Value[] }>

function projectValues(
  condition: ValueCondition,
  type: PrimitiveType,
  transform: Transform,
  column: BoundColumn,
): PartitionTest | null {
  switch (transform.kind) {
    case 'identity':
      return testOf(condition)
    case 'bucket':
      return projectOntoBucket(condition, type, transform, column)
    case 'truncate':
      return ['string', 'binary'].includes(parsePrimitive(type).kind)
        ? projectOntoPrefix(condition, type, transform, column)
        : projectOntoMultiple(condition, type, transform, column)
    case 'year':
    case 'month':
    case 'day':
    case 'hour':
      return projectOntoTime(condition, type, transform, column)
    case 'void':
    case 'unknown':
      return null
  }
}

function testOf(condition: BoundCondition): PartitionTest {
  return (range) => mightMatchRange(condition, range)
}

function projectOntoBucket(
  condition: ValueCondition,
  type: PrimitiveType,
  transform: Transform,
  column: BoundColumn,
): PartitionTest | null {
  if (condition.kind === 'eq') return equalityTest(column, [transformValue(transform, type, condition.value)])
  if (condition.kind !== 'in') return null
  return equalityTest(
    column,
    condition.values.map((value) => transformValue(transform, type, value)),
  )
}

/** Texts and bytes: the first characters keep the order. */
function projectOntoPrefix(
  condition: ValueCondition,
  type: PrimitiveType,
  transform: Transform & { kind: 'truncate' },
  column: BoundColumn,
): PartitionTest | null {
  switch (condition.kind) {
    case 'in':
      return equalityTest(
        column,
        condition.values.map((value) => transformValue(transform, type, value)),
      )
    case 'not-in':
    case 'not-eq':
    case 'contains':
    case 'not-contains':
    case 'ends-with':
    case 'not-ends-with':
      return null
    case 'not-starts-with': {
      // A longer text differs behind the prefix.
      const isWhole = transformValue(transform, type, condition.value) === condition.value
      return isWhole ? testOf({ kind: 'not-starts-with', column, value: condition.value }) : null
    }
    case 'eq':
    case 'starts-with':
      return testOf({ kind: condition.kind, column, value: transformValue(transform, type, condition.value) })
    case 'lt':
    case 'lt-eq':
      return testOf({ kind: 'lt-eq', column, value: transformValue(transform, type, condition.value) })
    case 'gt':
    case 'gt-eq':
      return testOf({ kind: 'gt-eq', column, value: transformValue(transform, type, condition.value) })
  }
}

/**
 * Numbers, rounded down to multiples of the width. Below the lowest multiple of an int or long, the reference
 * implementation wraps around, so the least numbers are in the partitions of the greatest.
 */
function projectOntoMultiple(
  condition: ValueCondition,
  type: PrimitiveType,
  transform: Transform & { kind: 'truncate' },
  column: BoundColumn,
): PartitionTest | null {
  const width = BigInt(transform.width)
  const toMultiple = (value: bigint) => floorDivide(value, width) * width
  const limits = toLimits(type)
  switch (condition.kind) {
    case 'eq':
      return equalityTest(column, [transformValue(transform, type, condition.value)])
    case 'in':
      return equalityTest(
        column,
        condition.values.map((value) => transformValue(transform, type, value)),
      )
    case 'lt':
    case 'lt-eq': {
      const highest = toMultiple(toBigint(condition.value) - (condition.kind === 'lt' ? 1n : 0n))
      const isInside = testOf({ kind: 'lt-eq', column, value: highest })
      if (limits === null) return isInside
      const isWrapped = testOf({ kind: 'gt', column, value: limits.max - width })
      return (range) => isInside(range) || isWrapped(range)
    }
    case 'gt':
    case 'gt-eq': {
      const lowest = toMultiple(toBigint(condition.value) + (condition.kind === 'gt' ? 1n : 0n))
      if (limits !== null && lowest < limits.min) return null
      return testOf({ kind: 'gt-eq', column, value: lowest })
    }
    default:
      return null
  }
}

function toLimits(type: PrimitiveType): { min: bigint; max: bigint } | null {
  if (type === 'int') return { min: -(2n ** 31n), max: 2n ** 31n - 1n }
  return type === 'long' ? { min: -(2n ** 63n), max: 2n ** 63n - 1n } : null
}

function projectOntoTime(
  condition: ValueCondition,
  type: PrimitiveType,
  transform: Transform,
  column: BoundColumn,
): PartitionTest | null {
  const toUnits = (value: bigint): number =>
    Number(transformValue(transform, type, type === 'date' ? Number(value) : value))
  switch (condition.kind) {
    case 'eq':
      return equalityTest(column, withOldRounding(toUnits(toBigint(condition.value))))
    case 'in':
      return equalityTest(
        column,
        condition.values.flatMap((value) => withOldRounding(toUnits(toBigint(value)))),
      )
    case 'lt':
    case 'lt-eq': {
      const highest = toUnits(toBigint(condition.value) - (condition.kind === 'lt' ? 1n : 0n))
      return testOf({ kind: 'lt-eq', column, value: Math.max(...withOldRounding(highest)) })
    }
    case 'gt':
    case 'gt-eq': {
      const lowest = toUnits(toBigint(condition.value) + (condition.kind === 'gt' ? 1n : 0n))
      return testOf({ kind: 'gt-eq', column, value: lowest })
    }
    default:
      return null
  }
}

/** Old writers rounded times before 1970 towards zero, so their units are one too high there. */
function withOldRounding(units: number): number[] {
  return units < 0 ? [units, units + 1] : [units]
}

function equalityTest(column: BoundColumn, values: readonly Value[]): PartitionTest {
  return testOf({ kind: 'in', column, values })
}

function transformValue(transform: Transform, type: PrimitiveType, value: Value): Value {
  const transformed = applyTransform(transform, type, value)
  if (transformed === null) throw new TypeError(`${transform.kind} has no result for ${String(value)}`)
  return transformed
}

function toBigint(value: Value): bigint {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw new TypeError(`${String(value)} is not a number`)
  return BigInt(value)
}
