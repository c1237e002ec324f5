import type { TakeTurns } from '@/lib/iceberg/avro/decode-steps'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PlannedManifest } from '../plan/manifest-layout'
import type { ScanPlan } from '../plan/scan-plan'
import type { ScanTask } from '../plan/scan-task'
import type { BoundPredicate } from '../predicate/predicate'
import { prunePlan } from './prune-plan'

/** Data files by their positions in the scan, from `fromFile` up to but without `endFile`. */
export type FileRange = { fromFile: number; endFile: number }

export type TaskPage = {
  /** In order. */
  tasks: ScanTask[]
  /** What is left of the range; null if nothing in it can match. */
  rest: FileRange | null
}

/** So that a page which skips nearly everything ends, too. */
const MAX_FILES_PER_PAGE = 20_000

type Prunable = Pick<ScanPlan, 'manifests' | 'fileCount' | 'rowCount' | 'tasksOf'>
type PageOptions = { metadata: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>; takeTurns?: TakeTurns }

/**
 * The first tasks of a range that might have matching rows. Reads the manifests of at most about 20,000 files.
 *
 * @throws {AppError} as `ScanPlan.tasksFrom` does
 */
export async function readTaskPage(
  plan: Prunable,
  predicate: BoundPredicate,
  range: FileRange,
  { maxTasks, ...options }: PageOptions & { maxTasks: number },
): Promise<TaskPage> {
  const remaining = manifestsInRange(plan, predicate, range, options)
  let fileCount = 0
  const manifests: PlannedManifest[] = []
  for (const manifest of remaining) {
    if (manifests.length > 0 && fileCount + manifest.fileCount > MAX_FILES_PER_PAGE) break
    manifests.push(manifest)
    fileCount += manifest.fileCount
  }
  const tasks: ScanTask[] = []
  for await (const task of prunePlan({ ...plan, manifests }, predicate, options).tasks()) {
    if (task.fileIndex < range.fromFile) continue
    if (task.fileIndex >= range.endFile) break
    if (tasks.length === maxTasks) return { tasks, rest: { fromFile: task.fileIndex, endFile: range.endFile } }
    tasks.push(task)
  }
  const next = remaining[manifests.length]
  return { tasks, rest: next ? { fromFile: next.firstFile, endFile: range.endFile } : null }
}

/** Splits a range at manifests into at most `maxRanges`, of about as many files each and at least `minFiles`. */
export function splitRange(
  plan: Prunable,
  predicate: BoundPredicate,
  range: FileRange,
  { maxRanges, minFiles, ...options }: PageOptions & { maxRanges: number; minFiles: number },
): FileRange[] {
  const manifests = manifestsInRange(plan, predicate, range, options)
  const fileCount = manifests.reduce((sum, manifest) => sum + manifest.fileCount, 0)
  const filesPerRange = Math.max(minFiles, Math.ceil(fileCount / maxRanges))
  const ranges: FileRange[] = []
  let files = 0
  for (const { firstFile, fileCount: manifestFiles } of manifests) {
    const last = ranges.at(-1)
    const [from, end] = [Math.max(firstFile, range.fromFile), Math.min(firstFile + manifestFiles, range.endFile)]
    if (last === undefined || (files >= filesPerRange && ranges.length < maxRanges)) {
      ranges.push({ fromFile: from, endFile: end })
      files = 0
    } else last.endFile = end
    files += manifestFiles
  }
  return ranges
}

/** Those with a partition that can match. */
function manifestsInRange(
  plan: Prunable,
  predicate: BoundPredicate,
  { fromFile, endFile }: FileRange,
  options: PageOptions,
): readonly PlannedManifest[] {
  return prunePlan(plan, predicate, options).manifests.filter(
    ({ firstFile, fileCount }) => firstFile < endFile && firstFile + fileCount > fromFile,
  )
}
