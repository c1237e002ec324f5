import { applyTransform, canTransform, parseTransform, transformResultType } from '@/lib/iceberg/partitioning/transform'
import { compareValues } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { sum } from '@/lib/sum'
import { type CsvOptions, CSV_DEFAULTS } from '../csv-options'
import { divideRows } from './sampled-partitions'
import { createValueReader, type SampledField, type TextRow } from './sampled-values'

/** Rows of a row group that a load writes, unless the table says otherwise. */
const GROUP_ROWS = 65_536
/** Row groups of the sample have at least so many rows each: bounds of fewer are narrower than those of all rows. */
const MIN_ROWS = 16
const MAX_VALUES = 500

export type SampledOrder = {
  partitionCount: number
  /** Row groups that a load of the file would write, to all partitions. */
  groupCount: number
  /** How many of them a filter for one value of the first sort field reads on average, by their bounds. */
  sortedGroups: number
  /** The same if the rows were written in the order of the file. */
  unsortedGroups: number
}

type Sample = {
  rows: readonly TextRow[]
  partitionFields: readonly SampledField[]
  sortField: SampledField
  csv?: CsvOptions | undefined
}

/**
 * The effect of a sort order on a filter by its first field: rows in their order are divided into row groups as a
 * load would divide them, and the bounds of each say which values it may hold.
 *
 * @param sample rows from all over the file, in its order
 * @param fileRows how many the file has
 * @returns null without a value, and for a transform that does not suit its column
 */
export function sampleOrder(
  { rows, partitionFields, sortField, csv = CSV_DEFAULTS }: Sample,
  fileRows: number,
): SampledOrder | null {
  const transform = parseTransform(sortField.transform)
  if (!canTransform(transform, sortField.type)) return null
  const type = transformResultType(transform, sortField.type)
  const read = createValueReader(sortField, csv)
  const partitions = Array.from(divideRows(rows, partitionFields, csv)?.values() ?? [], (ofPartition) =>
    ofPartition.flatMap((row) => {
      const value = read(row)
      const result = value === undefined ? null : applyTransform(transform, sortField.type, value)
      // Nulls are first or last, in row groups that such a filter skips.
      return result === null ? [] : [result]
    }),
  ).filter(({ length }) => length > 0)
  const values = partitions.flat()
  if (values.length === 0) return null
  const rowsPerSampled = fileRows / rows.length
  const groupsOf = (ofPartition: readonly Value[]) =>
    Math.max(
      1,
      Math.min(
        Math.ceil((ofPartition.length * rowsPerSampled) / GROUP_ROWS),
        Math.floor(ofPartition.length / MIN_ROWS),
      ),
    )
  const unsorted = partitions.flatMap((ofPartition) => toBounds(ofPartition, groupsOf(ofPartition), type))
  const sorted = partitions.flatMap((ofPartition) =>
    toBounds(
      ofPartition.toSorted((a, b) => compareValues(type, a, b)),
      groupsOf(ofPartition),
      type,
    ),
  )
  const step = Math.max(1, Math.ceil(values.length / MAX_VALUES))
  const filterValues = values.filter((_, i) => i % step === 0)
  return {
    partitionCount: partitions.length,
    groupCount: sorted.length,
    sortedGroups: meanOfRead(sorted, filterValues, type),
    unsortedGroups: meanOfRead(unsorted, filterValues, type),
  }
}

type Bounds = { lower: Value; upper: Value }

function toBounds(values: readonly Value[], groupCount: number, type: PrimitiveType): Bounds[] {
  return Array.from({ length: groupCount }, (_, i) => {
    const group = values.slice((i * values.length) / groupCount, ((i + 1) * values.length) / groupCount)
    const [first] = group
    if (first === undefined) throw new Error('A row group of the sample has no rows.')
    const extreme = (sign: 1 | -1) =>
      group.reduce((found, value) => (sign * compareValues(type, value, found) > 0 ? value : found), first)
    return { lower: extreme(-1), upper: extreme(1) }
  })
}

function meanOfRead(groups: readonly Bounds[], filterValues: readonly Value[], type: PrimitiveType): number {
  const readOf = (value: Value) =>
    groups.filter(
      ({ lower, upper }) => compareValues(type, lower, value) <= 0 && compareValues(type, value, upper) <= 0,
    ).length
  return sum(filterValues.map(readOf)) / filterValues.length
}
