import type { PartitionColumn } from '../partitioning/partition-spec'
import { compareValues } from '../schema/single-value'
import type { PrimitiveType, Value } from '../schema/types'
import type { DataFile } from './manifest'

type Partition = Pick<DataFile, 'specId' | 'partition'>

/**
 * Compares partitions by their values, field by field, in the order of each value's type. Partitions of one spec are
 * together, because values of different transforms have no common order. Null is last in both directions, as are files
 * that are not partitioned.
 *
 * @param columnsBySpec of `partitionColumnsBySpec`
 */
export function partitionComparator(
  columnsBySpec: ReadonlyMap<number, readonly PartitionColumn[]>,
  isDescending: boolean,
): (a: Partition, b: Partition) => number {
  const direction = isDescending ? -1 : 1
  return (a, b) => {
    const unpartitioned = Number(a.partition.length === 0) - Number(b.partition.length === 0)
    if (unpartitioned !== 0) return unpartitioned
    if (a.specId !== b.specId) return direction * (a.specId - b.specId)
    for (const [index, { type }] of (columnsBySpec.get(a.specId) ?? []).entries()) {
      const [one = null, other = null] = [a.partition[index], b.partition[index]]
      if (one === null && other === null) continue
      if (one === null || other === null) return one === null ? 1 : -1
      const order = compareReadValues(type, one, other)
      if (order !== 0) return direction * order
    }
    return 0
  }
}

/** Values of a dropped column have the types that their writers used, which may differ. */
function compareReadValues(type: PrimitiveType, a: Value, b: Value): number {
  if (typeof a === typeof b) return compareValues(type, a, b)
  return a < b ? -1 : Number(a > b)
}
