import { pMapIterable } from 'p-map'
import type { TakeTurns } from '@/lib/iceberg/avro/decode-steps'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PlannedManifest } from '../plan/manifest-layout'
import type { ScanPlan } from '../plan/scan-plan'
import type { ScanTask } from '../plan/scan-task'
import type { BoundPredicate } from '../predicate/predicate'
import { MAX_PARALLEL_MANIFESTS } from '../snapshot-manifests'
import { matchFileMetrics } from '@/lib/scan/predicate/file-metrics'
import { createPartitionFilter } from './partition-filter'

/** Why a file cannot have a matching row: its partition values, or what its metrics say of nulls, or of values. */
export type SkipReason = 'partition' | 'null-counts' | 'bounds'

/** The files that a filter skipped. */
export type Skipped = {
  /** Not read, because no partition in them can match. Their files count as skipped by partition. */
  manifests: number
  files: Readonly<Record<SkipReason, SkippedFiles>>
}

export type SkippedFiles = { files: number; rows: number }

/** Some files of a plan that might have matching rows. */
export type PrunedPage = {
  tasks: readonly ScanTask[]
  /** The files skipped between the start of the page and its end. */
  skipped: Skipped
  /** Where the next page starts, by the file's index in the whole scan; null after the last file. */
  nextFile: number | null
}

/** A plan without the files that cannot have matching rows. Positions of files and rows stay those of the whole scan. */
export type PrunedPlan = {
  /** Tasks in order. Throws like the tasks of the plan. */
  tasks(): AsyncGenerator<ScanTask, void>
  /**
   * Tasks from the file with this index, as far as `limits` allow: at most `maxTasks` with `maxDeletes` delete files
   * among them, and no further manifest once `mayContinue` says no. Every page reads a manifest or has a task, so
   * following pages reach the end.
   */
  listTasks(fromFile: number, limits: PageLimits): Promise<PrunedPage>
  /** The files that {@link PrunedPlan.tasks} skipped; complete once all tasks are listed. */
  skipped(): Skipped
}

type PageLimits = { maxTasks: number; maxDeletes?: number; mayContinue?: () => boolean }

/** Files and manifests are compared in groups of this many, between which others have their turn. */
const COMPARED_PER_TURN = 250

/**
 * Skips manifests by their partition summaries, and files by their partition values and metrics. What remains *might*
 * have matching rows; everything that has some remains. Manifests are compared as their tasks are listed.
 */
export function prunePlan(
  plan: Pick<ScanPlan, 'manifests' | 'fileCount' | 'tasksOf'>,
  predicate: BoundPredicate,
  { metadata, takeTurns }: { metadata: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>; takeTurns?: TakeTurns },
): PrunedPlan {
  const filter = createPartitionFilter(predicate, metadata)

  const reasonToSkip = (task: ScanTask): SkipReason | null => {
    if (!filter.mightMatchPartition(task.specId, task.partition)) return 'partition'
    const verdict = matchFileMetrics(predicate, task)
    return verdict === 'might-match' ? null : verdict
  }

  /** Manifests that might match, each after the manifests that cannot; at the end the ones after the last match. */
  async function* findManifests(fromFile: number): AsyncGenerator<Candidate, void> {
    let skipped: PlannedManifest[] = []
    const first = plan.manifests.findIndex(({ firstFile, fileCount }) => firstFile + fileCount > fromFile)
    for (const [i, planned] of first < 0 ? [] : plan.manifests.slice(first).entries()) {
      if ((i + 1) % COMPARED_PER_TURN === 0) await takeTurns?.()
      // Only a part of a manifest that starts before `fromFile` would be skipped, and the row count of that part is in
      // its entries.
      if (planned.firstFile < fromFile || filter.mightMatchManifest(planned.manifest)) {
        yield { skipped, planned }
        skipped = []
      } else skipped.push(planned)
    }
    yield { skipped, planned: null }
  }

  async function judge({ skipped, planned }: Candidate, fromFile: number): Promise<JudgedManifest> {
    const judged: [ScanTask, SkipReason | null][] = []
    for (const task of planned ? await plan.tasksOf(planned) : []) {
      if (task.fileIndex < fromFile) continue
      judged.push([task, reasonToSkip(task)])
      if (judged.length % COMPARED_PER_TURN === 0) await takeTurns?.()
    }
    return { skipped, judged, endFile: planned && planned.firstFile + planned.fileCount }
  }

  async function* judgeFrom(fromFile: number): AsyncGenerator<JudgedManifest, void> {
    const candidates = findManifests(fromFile)
    // The first one alone: its tasks are waited for, and may be enough.
    const first = await candidates.next()
    if (first.done === true) return
    yield await judge(first.value, fromFile)
    const options = { concurrency: MAX_PARALLEL_MANIFESTS, backpressure: MAX_PARALLEL_MANIFESTS }
    yield* pMapIterable(candidates, (candidate) => judge(candidate, fromFile), options)
  }

  const skippedByTasks = createSkipCount()
  return {
    async *tasks() {
      for await (const { skipped, judged } of judgeFrom(0)) {
        skippedByTasks.addManifests(skipped)
        for (const [task, reason] of judged) {
          if (reason === null) yield task
          else skippedByTasks.addFile(task, reason)
        }
      }
    },
    async listTasks(fromFile, { maxTasks, maxDeletes = Number.POSITIVE_INFINITY, mayContinue = () => true }) {
      const count = createSkipCount()
      const tasks: ScanTask[] = []
      let listedDeletes = 0
      const isFull = ({ deletes }: ScanTask) =>
        tasks.length >= maxTasks || (tasks.length > 0 && listedDeletes + deletes.length > maxDeletes)
      for await (const { skipped, judged, endFile } of judgeFrom(fromFile)) {
        count.addManifests(skipped)
        for (const [task, reason] of judged) {
          if (reason !== null) count.addFile(task, reason)
          else if (isFull(task)) return { tasks, skipped: count.skipped(), nextFile: task.fileIndex }
          else {
            tasks.push(task)
            listedDeletes += task.deletes.length
          }
        }
        if (endFile !== null && (tasks.length >= maxTasks || !mayContinue()))
          return { tasks, skipped: count.skipped(), nextFile: endFile < plan.fileCount ? endFile : null }
      }
      return { tasks, skipped: count.skipped(), nextFile: null }
    },
    skipped: () => skippedByTasks.skipped(),
  }
}

/** A manifest to be read after others that are skipped; null at the end. */
type Candidate = { skipped: readonly PlannedManifest[]; planned: PlannedManifest | null }

type JudgedManifest = {
  skipped: readonly PlannedManifest[]
  judged: readonly (readonly [ScanTask, SkipReason | null])[]
  /** Index of the file after the manifest's last one; null at the end. */
  endFile: number | null
}

function createSkipCount() {
  let manifests = 0
  const files = {
    partition: { files: 0, rows: 0 },
    'null-counts': { files: 0, rows: 0 },
    bounds: { files: 0, rows: 0 },
  }
  return {
    addFile({ recordCount }: ScanTask, reason: SkipReason): void {
      files[reason].files += 1
      files[reason].rows += recordCount
    },
    addManifests(skipped: readonly PlannedManifest[]): void {
      manifests += skipped.length
      for (const { fileCount, rowCount } of skipped) {
        files.partition.files += fileCount
        files.partition.rows += rowCount
      }
    },
    skipped: (): Skipped => structuredClone({ manifests, files }),
  }
}
