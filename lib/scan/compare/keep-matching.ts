import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { ScanTask } from '../plan/scan-task'
import type { BoundPredicate } from '../predicate/predicate'
import { matchFileMetrics } from '../predicate/file-metrics'
import { createPartitionFilter } from '../prune/partition-filter'

/** The files that might have rows that pass a filter, by their partition values and metrics. */
export function keepMatching(
  tasks: readonly ScanTask[],
  predicate: BoundPredicate,
  metadata: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>,
): ScanTask[] {
  const filter = createPartitionFilter(predicate, metadata)
  return tasks.filter(
    (task) =>
      filter.mightMatchPartition(task.specId, task.partition) && matchFileMetrics(predicate, task) === 'might-match',
  )
}
