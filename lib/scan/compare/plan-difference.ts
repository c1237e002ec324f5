import { AppError } from '@/lib/errors'
import pMap from 'p-map'
import type { DeleteIndex } from '../deletes/delete-index'
import type { PlannedManifest } from '../plan/manifest-layout'
import type { ScanPlan } from '../plan/scan-plan'
import type { ScanTask } from '../plan/scan-task'
import { findDifferingFiles } from './differing-files'

/** Their descriptions are in memory while files are compared. */
const MAX_COMPARED_FILES = 100_000
const MAX_PARALLEL_MANIFESTS = 4

export type PlanDifference = {
  onlyBefore: ScanTask[]
  onlyAfter: ScanTask[]
}

/**
 * The files that only one of two scans of a table has. Manifests that both have are not read, unless the deletes of the
 * scans differ.
 *
 * @throws {AppError} too-large for too many files in the manifests that differ; as `ScanPlan.tasksOf` does
 */
export async function planDifference(
  before: ScanPlan,
  after: ScanPlan,
  { maxFiles = MAX_COMPARED_FILES, signal }: { maxFiles?: number; signal?: AbortSignal } = {},
): Promise<PlanDifference> {
  const isSameDeletes = haveSameDeletes(before, after)
  const [manifestsBefore, manifestsAfter] = [
    isSameDeletes ? withoutManifests(before, after) : before.manifests,
    isSameDeletes ? withoutManifests(after, before) : after.manifests,
  ]
  const fileCount = Math.max(countFiles(manifestsBefore), countFiles(manifestsAfter))
  if (fileCount > maxFiles) {
    throw new AppError(
      'too-large',
      `The manifests that differ list ${fileCount} files; at most ${maxFiles} can be compared. Choose snapshots that are closer together.`,
      { facts: { files: fileCount, limit: maxFiles } },
    )
  }
  const [tasksBefore, tasksAfter] = [
    await readTasks(before, manifestsBefore, signal),
    await readTasks(after, manifestsAfter, signal),
  ]
  const { onlyBefore, onlyAfter } = findDifferingFiles(tasksBefore, tasksAfter)
  return { onlyBefore: onlyBefore.map(({ task }) => task), onlyAfter: onlyAfter.map(({ task }) => task) }
}

/** Whether the same delete files apply to a data file in both scans: their manifests are the same. */
function haveSameDeletes(before: ScanPlan, after: ScanPlan): boolean {
  const paths = ({ deleteManifests }: ScanPlan) => deleteManifests.map(({ manifestPath }) => manifestPath).sort()
  return JSON.stringify(paths(before)) === JSON.stringify(paths(after))
}

function withoutManifests(plan: ScanPlan, other: ScanPlan): PlannedManifest[] {
  const shared = new Set(other.manifests.map(({ manifest }) => manifest.manifestPath))
  return plan.manifests.filter(({ manifest }) => !shared.has(manifest.manifestPath))
}

function countFiles(manifests: readonly PlannedManifest[]): number {
  return manifests.reduce((sum, { fileCount }) => sum + fileCount, 0)
}

type ComparedTask = { task: ScanTask; path: string; deletes: { path: string; contentOffset: number | null }[] }

async function readTasks(
  plan: ScanPlan,
  manifests: readonly PlannedManifest[],
  signal: AbortSignal | undefined,
): Promise<ComparedTask[]> {
  const deletes = manifests.length === 0 ? null : await plan.readDeletes()
  const tasks = await pMap(manifests, (planned) => plan.tasksOf(planned), {
    concurrency: MAX_PARALLEL_MANIFESTS,
    ...(signal && { signal }),
  })
  return tasks.flat().map((task) => ({ task, path: task.filePath, deletes: describeDeletes(task, deletes) }))
}

function describeDeletes({ deletes }: ScanTask, index: DeleteIndex | null): ComparedTask['deletes'] {
  return deletes.flatMap((position) => {
    const entry = index?.entries[position]
    return entry ? [{ path: entry.dataFile.filePath, contentOffset: entry.dataFile.contentOffset }] : []
  })
}
