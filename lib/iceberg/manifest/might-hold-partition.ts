import type { PartitionColumn } from '../partitioning/partition-spec'
import { compareValues, tryDecodeSingleValue } from '../schema/single-value'
import type { PrimitiveType, Value } from '../schema/types'
import type { FieldSummary, ManifestFile } from './manifest'

/**
 * Whether a manifest might list files of a partition, by the summaries in its manifest list. A missing summary excludes
 * no partition, and neither do bounds that cannot be read or contradict each other.
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
  const [lower, upper] = [decodeBound(type, summary.lowerBound), decodeBound(type, summary.upperBound)]
  const hasNanBound = Number.isNaN(lower) || Number.isNaN(upper)
  if (Number.isNaN(value)) return summary.containsNan !== false || hasNanBound
  // Without bounds, all values are null or NaN, or the writer left the bounds out.
  if (lower === null || upper === null || hasNanBound) return true
  const order = compareBounds(type, lower, upper)
  // Contradictory bounds exclude nothing. Writers order UUIDs in two ways.
  if (order > 0 || (type === 'uuid' && order !== 0)) return true
  return compareBounds(type, value, lower) >= 0 && compareBounds(type, value, upper) <= 0
}

/** Null if there is no bound, or none that can be read. */
function decodeBound(type: PrimitiveType, bytes: Uint8Array | null): Value | null {
  return bytes === null ? null : tryDecodeSingleValue(type, bytes)
}

/** Zeros of both signs are equal: not every writer orders them. */
function compareBounds(type: PrimitiveType, a: Value, b: Value): number {
  return a === 0 && b === 0 ? 0 : compareValues(type, a, b)
}
