import { pMapIterable } from 'p-map'
import type { TakeTurns } from '@/lib/iceberg/avro/decode-steps'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PlannedManifest } from '../plan/manifest-layout'
import type { ScanPlan } from '../plan/scan-plan'
import type { ScanTask } from '../plan/scan-task'
import type { BoundPredicate } from '../predicate/predicate'
import { MAX_PARALLEL_MANIFESTS } from '../snapshot-manifests'
import { matchFileMetrics } from './file-metrics'
import { createPartitionFilter } from './partition-filter'

/** Why a file cannot have a matching row: its partition values, or what its metrics say of nulls, or of values. */
export type SkipReason = 'partition' | 'null-counts' | 'bounds'

/** What a filter skipped so far. */
export type SkipReport = {
  /** Of the whole scan. */
  manifestCount: number
  fileCount: number
  rowCount: number
  /** Not read, because no partition in them can match. Their files count as skipped by partition. */
  skippedManifests: number
  skipped: Readonly<Record<SkipReason, SkippedFiles>>
}

export type SkippedFiles = { files: number; rows: number }

/** A plan without the files that cannot have matching rows. Positions of files and rows stay those of the whole scan. */
export type PrunedPlan = {
  /** Manifests whose files have to be looked at. */
  manifests: readonly PlannedManifest[]
  /** Tasks in order. Throws as those of the plan do. */
  tasks(): AsyncGenerator<ScanTask, void>
  /** Complete once all tasks are listed. */
  report(): SkipReport
}

/** Files are compared in groups of this many, between which others have their turn. */
const FILES_PER_TURN = 250

/**
 * Skips manifests by their partition summaries, and files by their partition values and metrics. What remains *might*
 * have matching rows; everything that has some remains.
 */
export function prunePlan(
  plan: Pick<ScanPlan, 'manifests' | 'fileCount' | 'rowCount' | 'tasksOf'>,
  predicate: BoundPredicate,
  { metadata, takeTurns }: { metadata: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>; takeTurns?: TakeTurns },
): PrunedPlan {
  const filter = createPartitionFilter(predicate, metadata)
  const skipped = {
    partition: { files: 0, rows: 0 },
    'null-counts': { files: 0, rows: 0 },
    bounds: { files: 0, rows: 0 },
  }
  const skip = (reason: SkipReason, files: number, rows: number): void => {
    skipped[reason].files += files
    skipped[reason].rows += rows
  }
  const manifests = plan.manifests.filter(({ manifest, fileCount, rowCount }) => {
    const mightMatch = filter.mightMatchManifest(manifest)
    if (!mightMatch) skip('partition', fileCount, rowCount)
    return mightMatch
  })

  const reasonToSkip = (task: ScanTask): SkipReason | null => {
    if (!filter.mightMatchPartition(task.specId, task.partition)) return 'partition'
    const verdict = matchFileMetrics(predicate, task)
    return verdict === 'might-match' ? null : verdict
  }
  const pruneManifest = async (
    planned: PlannedManifest,
  ): Promise<readonly (readonly [ScanTask, SkipReason | null])[]> => {
    const judged: [ScanTask, SkipReason | null][] = []
    for (const task of await plan.tasksOf(planned)) {
      judged.push([task, reasonToSkip(task)])
      if (judged.length % FILES_PER_TURN === 0) await takeTurns?.()
    }
    return judged
  }

  return {
    manifests,
    async *tasks() {
      const options = { concurrency: MAX_PARALLEL_MANIFESTS, backpressure: MAX_PARALLEL_MANIFESTS }
      for await (const judged of pMapIterable(manifests, pruneManifest, options)) {
        for (const [task, reason] of judged) {
          if (reason === null) yield task
          else skip(reason, 1, task.recordCount)
        }
      }
    },
    report: () => ({
      manifestCount: plan.manifests.length,
      fileCount: plan.fileCount,
      rowCount: plan.rowCount,
      skippedManifests: plan.manifests.length - manifests.length,
      skipped: {
        partition: { ...skipped.partition },
        'null-counts': { ...skipped['null-counts'] },
        bounds: { ...skipped.bounds },
      },
    }),
  }
}
