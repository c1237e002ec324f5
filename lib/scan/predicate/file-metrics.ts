import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { decodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { type Comparable, decodeComparable } from './comparable'
import { type BoundColumn, type BoundPredicate, evaluate } from './predicate'
import { mightMatchRange, UNKNOWN_RANGE, type ValueRange } from './value-range'

/** The facts of a data file that its metrics are compared with. */
export type MeasuredFile = Pick<DataFile, 'recordCount' | 'metrics'>

/** Whether the file might have a row that passes; if not, which of its metrics say so. */
export type MetricsVerdict = 'might-match' | 'null-counts' | 'bounds'

/**
 * Whether a file might have a matching row, by the metrics in its manifest entry. Missing, damaged or contradictory
 * metrics exclude no row.
 */
export function matchFileMetrics(predicate: BoundPredicate, file: MeasuredFile): MetricsVerdict {
  const counts = createCountReader(file)
  const known = new Map<number, ValueRange>()
  const nullsOf = (column: BoundColumn): ValueRange => {
    const range = known.get(column.fieldId) ?? counts(column)
    known.set(column.fieldId, range)
    return range
  }
  const mightMatchCounts = evaluate(predicate, (condition) => mightMatchRange(condition, nullsOf(condition.column)))
  // Bounds contradict only a count that leaves no value, or no NaN.
  if (!mightMatchCounts && ![...known.values()].some(hasAbsentKind)) return 'null-counts'
  // Each access decodes the whole map.
  const { lowerBounds, upperBounds } = file.metrics
  const rangeOf = (column: BoundColumn): ValueRange => {
    const { fieldId, type } = column
    return withBounds(nullsOf(column), type, lowerBounds.get(fieldId), upperBounds.get(fieldId))
  }
  if (evaluate(predicate, (condition) => mightMatchRange(condition, rangeOf(condition.column)))) return 'might-match'
  return mightMatchCounts ? 'bounds' : 'null-counts'
}

function hasAbsentKind({ mightHoldValue, mightHoldNan }: ValueRange): boolean {
  return !mightHoldValue || !mightHoldNan
}

/** A counted range with the bounds of its column. Counts that leave no value for a bound, or no NaN, are not believed. */
export function withBounds(
  counted: ValueRange,
  type: BoundColumn['type'],
  lowerBytes: Uint8Array | null | undefined,
  upperBytes: Uint8Array | null | undefined,
): ValueRange {
  const present = [lowerBytes, upperBytes].filter((bytes) => bytes !== null && bytes !== undefined)
  const nanCount = present.filter((bytes) => isNan(type, bytes)).length
  const isContradictory =
    (nanCount > 0 && !counted.mightHoldNan) || (present.length > nanCount && !counted.mightHoldValue)
  return {
    ...(isContradictory ? UNKNOWN_RANGE : counted),
    ...decodeBounds(type, lowerBytes, upperBytes),
    isTruncatable: isTruncatable(type),
  }
}

function isNan(type: BoundColumn['type'], bytes: Uint8Array): boolean {
  if (type !== 'float' && type !== 'double') return false
  if (bytes.length !== 4 && bytes.length !== 8) return false
  return Number.isNaN(decodeSingleValue(bytes.length === 4 ? 'float' : 'double', bytes))
}

/**
 * Bounds of a column. NaN, which old writers took for a value, makes both useless, because it is not known how it was
 * sorted.
 */
export function decodeBounds(
  type: BoundColumn['type'],
  lowerBytes: Uint8Array | null | undefined,
  upperBytes: Uint8Array | null | undefined,
): { lower: Comparable | null; upper: Comparable | null } {
  const unknown = { lower: null, upper: null }
  if (typeof type !== 'string') return unknown
  const [lower, upper] = [decodeBound(type, lowerBytes), decodeBound(type, upperBytes)]
  const isFloating = type === 'float' || type === 'double'
  const isDamaged = (lowerBytes && lower === null) || (upperBytes && upper === null)
  return isFloating && isDamaged ? unknown : { lower, upper }
}

/** Whether bounds of a type are bytes of any length. */
export function isTruncatable(type: BoundColumn['type']): boolean {
  return typeof type !== 'string' || ['string', 'binary', 'fixed'].includes(parsePrimitive(type).kind)
}

function decodeBound(type: PrimitiveType, bytes: Uint8Array | null | undefined): Comparable | null {
  return bytes ? decodeComparable(type, bytes) : null
}

function createCountReader({ recordCount, metrics }: MeasuredFile): (column: BoundColumn) => ValueRange {
  const { valueCounts, nullValueCounts, nanValueCounts } = metrics
  return ({ fieldId, type }) => {
    const isFloating = type === 'float' || type === 'double'
    const valueCount = valueCounts.get(fieldId)
    // A column outside lists and maps has a value, null or not, in every row.
    const isCounted = valueCount === undefined || valueCount === recordCount
    if (typeof type !== 'string' || !isCounted) return { ...UNKNOWN_RANGE, mightHoldNan: isFloating }
    return toCountedRange({
      rowCount: recordCount,
      nullCount: nullValueCounts.get(fieldId) ?? null,
      nanCount: isFloating ? (nanValueCounts.get(fieldId) ?? null) : 0,
    })
  }
}

/** The counted range of a column; null is an unknown count, and contradictory ones are not believed. */
export function toCountedRange({
  rowCount,
  nullCount,
  nanCount,
}: {
  rowCount: number
  nullCount: number | null
  nanCount: number | null
}): ValueRange {
  const sum = (nullCount ?? 0) + (nanCount ?? 0)
  const isPlausible = (nullCount ?? 0) >= 0 && (nanCount ?? 0) >= 0 && sum <= rowCount
  if (!isPlausible) return UNKNOWN_RANGE
  return {
    ...UNKNOWN_RANGE,
    mightHoldNull: nullCount !== 0,
    mightHoldNan: nanCount !== 0 && nullCount !== rowCount,
    mightHoldValue: sum < rowCount,
  }
}
