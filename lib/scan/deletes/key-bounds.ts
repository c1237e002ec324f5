import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { Type } from '@/lib/iceberg/schema/types'
import { compareComparables, startsWithBytes } from '../predicate/comparable'
import { toCountedRange, withBounds } from '../predicate/file-metrics'
import { toTrusted, UNKNOWN_RANGE, type ValueRange } from '../predicate/value-range'

/** The range of a column's values in a file, by its metrics. */
export type ColumnRanges = (fieldId: number) => ValueRange

/** The columns by which a delete file deletes, and their values in it. */
export type KeyRanges = ReadonlyMap<number, ValueRange>

/** The types of all columns that a table has or had. A newer type replaces an older one. */
export function columnTypes({ schemas }: Pick<TableMetadata, 'schemas'>): ReadonlyMap<number, Type> {
  const inOrder = schemas.toSorted((a, b) => a.schemaId - b.schemaId)
  return new Map(
    inOrder.flatMap((schema) => [...indexFields(schema)].map(([fieldId, { field }]) => [fieldId, field.type] as const)),
  )
}

/** Reads the metrics of a file once, for any of its columns. Bounds that contradict each other are left out. */
export function createColumnRanges(
  { dataFile }: { dataFile: Pick<DataFile, 'recordCount' | 'metrics'> },
  types: ReadonlyMap<number, Type>,
): ColumnRanges {
  // Each access decodes the whole map.
  const { lowerBounds, upperBounds, valueCounts, nullValueCounts } = dataFile.metrics
  return (fieldId) => {
    const type = types.get(fieldId)
    const valueCount = valueCounts.get(fieldId)
    if (!isOrdered(type) || (valueCount !== undefined && valueCount !== dataFile.recordCount)) return UNKNOWN_RANGE
    const nullCount = nullValueCounts.get(fieldId) ?? null
    const counted = toCountedRange({ rowCount: dataFile.recordCount, nullCount, nanCount: 0 })
    return toTrusted(withBounds(counted, type, lowerBounds.get(fieldId), upperBounds.get(fieldId)))
  }
}

/** Whether a delete file might have the key of a row of a data file. A null equals a null. */
export function mightShareKeys(rangeOf: ColumnRanges, keys: KeyRanges): boolean {
  return [...keys].every(([fieldId, deleted]) => {
    const data = rangeOf(fieldId)
    if (data.mightHoldNull && deleted.mightHoldNull) return true
    return data.mightHoldValue && deleted.mightHoldValue && !isBelow(data, deleted) && !isBelow(deleted, data)
  })
}

/** Writers order UUIDs in two ways, and leave NaN out of bounds, which equals NaN in deletes. */
function isOrdered(type: Type | undefined): type is Type {
  return typeof type === 'string' && !['uuid', 'float', 'double'].includes(type)
}

/** Whether all values of one range are less than all of another. */
function isBelow(a: ValueRange, b: ValueRange): boolean {
  if (a.upper === null || b.lower === null) return false
  // A truncated upper bound is not always incremented: values that start with it may follow it.
  return compareComparables(a.upper, b.lower) < 0 && !(a.isTruncatable && startsWithBytes(b.lower, a.upper))
}
