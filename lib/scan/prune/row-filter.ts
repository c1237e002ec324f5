import type { RowFilter } from '@/lib/iceberg/operations/operation'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type BoundColumn, type BoundCondition, type BoundPredicate, OPPOSITES } from '../predicate/predicate'
import { matchFileMetrics } from '@/lib/scan/predicate/file-metrics'
import { createPartitionFilter } from './partition-filter'

/**
 * Judges files for operations that replace the rows that match a predicate. A file matches as a whole when it cannot
 * have a row for which the predicate is false or unknown.
 *
 * @param text the predicate for messages
 */
export function createRowFilter(predicate: BoundPredicate, metadata: TableMetadata, text: string): RowFilter {
  const complement = toComplement(predicate)
  const partitions = createPartitionFilter(predicate, metadata)
  const otherPartitions = createPartitionFilter(complement, metadata)
  const mustMatchPartition: RowFilter['mustMatchPartition'] = ({ specId, partition }) =>
    !otherPartitions.mightMatchPartition(specId, partition)
  return {
    text,
    mightMatchManifest: (manifest) => partitions.mightMatchManifest(manifest),
    mightMatchFile: (file) =>
      partitions.mightMatchPartition(file.specId, file.partition) &&
      matchFileMetrics(predicate, file) === 'might-match',
    mustMatchFile: (file) => mustMatchPartition(file) || matchFileMetrics(complement, file) !== 'might-match',
    mustMatchPartition,
  }
}

/** True for at least the rows for which a predicate is false or unknown. */
function toComplement(predicate: BoundPredicate): BoundPredicate {
  switch (predicate.kind) {
    case 'true':
      return { kind: 'false' }
    case 'false':
      return { kind: 'true' }
    case 'and':
    case 'or':
      return { kind: predicate.kind === 'and' ? 'or' : 'and', parts: predicate.parts.map(toComplement) }
    case 'is-null':
    case 'not-null':
      return { ...predicate, kind: OPPOSITES[predicate.kind] }
    default:
      return { kind: 'or', parts: [toOpposite(predicate), ...unknownRows(predicate.column)] }
  }
}

/** A comparison with null is unknown, and so is the order of NaN. */
function unknownRows(column: BoundColumn): BoundCondition[] {
  const isFloating = column.type === 'float' || column.type === 'double'
  return [{ kind: 'is-null', column }, ...(isFloating ? [{ kind: 'is-nan' as const, column }] : [])]
}

function toOpposite(condition: BoundCondition): BoundCondition {
  if ('values' in condition) return { ...condition, kind: OPPOSITES[condition.kind] }
  if ('value' in condition) return { ...condition, kind: OPPOSITES[condition.kind] }
  return { ...condition, kind: OPPOSITES[condition.kind] }
}
