import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
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
  if (!evaluate(predicate, (condition) => mightMatchRange(condition, nullsOf(condition.column)))) return 'null-counts'
  // Each access decodes the whole map.
  const { lowerBounds, upperBounds } = file.metrics
  const rangeOf = (column: BoundColumn): ValueRange => {
    const { fieldId, type } = column
    const bounds = decodeBounds(type, lowerBounds.get(fieldId), upperBounds.get(fieldId))
    return { ...nullsOf(column), ...bounds, isTruncatable: isTruncatable(type) }
  }
  return evaluate(predicate, (condition) => mightMatchRange(condition, rangeOf(condition.column)))
    ? 'might-match'
    : 'bounds'
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
