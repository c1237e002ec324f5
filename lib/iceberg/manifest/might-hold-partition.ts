import type { PartitionColumn } from '../partitioning/partition-spec'
import { compareValues, decodeSingleValue } from '../schema/single-value'
import type { Value } from '../schema/types'
import type { FieldSummary, ManifestFile } from './manifest'

/**
 * Whether a manifest might list files of a partition, by the summaries in its manifest list. A missing summary excludes
 * no partition.
 *
 * @param columns of the manifest's spec
 * @param partition values in the order of the columns
 */
export function mightHoldPartition(
  { partitions }: Pick<ManifestFile, 'partitions'>,
  columns: readonly PartitionColumn[],
  partition: readonly (Value | null)[],
): boolean {
  if (partitions.length !== columns.length) return true
  return columns.every((column, index) => {
    const summary = partitions[index]
    return summary === undefined || mightHoldValue(summary, column, partition[index] ?? null)
  })
}

function mightHoldValue(summary: FieldSummary, { type, transform }: PartitionColumn, value: Value | null): boolean {
  if (type === 'unknown' || transform.kind === 'unknown') return true
  if (value === null) return summary.containsNull
  if (Number.isNaN(value)) return summary.containsNan !== false
  const { lowerBound, upperBound } = summary
  // Without bounds, all values are null or NaN, or the writer left the bounds out.
  if (lowerBound === null || upperBound === null) return true
  return (
    compareValues(type, value, decodeSingleValue(type, lowerBound)) >= 0 &&
    compareValues(type, value, decodeSingleValue(type, upperBound)) <= 0
  )
}
