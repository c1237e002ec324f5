import { pMapIterable } from 'p-map'
import { AppError } from '@/lib/errors'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import {
  MAX_PARALLEL_MANIFESTS,
  type ManifestSource,
  readManifestEntries,
  type TableSnapshot,
} from '../snapshot-manifests'
import type { DeleteIndex } from '../deletes/delete-index'
import {
  type ManifestLayout,
  type PlanCache,
  type PlannedManifest,
  readDeleteIndex,
  readManifestLayout,
} from './manifest-layout'
import { rejectOtherFormats } from './reject-unreadable'
import { createTaskBuilder, type PositionedEntry, type ScanTask } from './scan-task'

/** Where to start listing tasks: at a file, or at the file that contains a row. */
export type ScanStart = { fromFile: number } | { fromRow: number }

const FROM_START: ScanStart = { fromFile: 0 }

/**
 * The data files of a snapshot in the order in which its rows are counted and shown. The plan itself holds manifests
 * only: their entries are read when tasks are listed.
 */
export type ScanPlan = ManifestLayout & {
  /**
   * The delete files of the snapshot; null if there are none.
   *
   * @throws {AppError} too-large, file-missing, file-damaged
   */
  readDeletes(): Promise<DeleteIndex | null>
  /** The tasks of one manifest of the plan. Throws as {@link ScanPlan.tasksFrom}. */
  tasksOf(planned: PlannedManifest): Promise<ScanTask[]>
  /**
   * Tasks in order, at most `maxTasks`; none when the start is behind the last file or row.
   *
   * @throws {AppError} not-supported for data files that are neither Parquet nor Avro (facts: the number of each format found) ·
   *   file-missing, file-damaged, too-large, naming the manifest
   */
  tasksFrom(start: ScanStart, maxTasks?: number): AsyncGenerator<ScanTask, void>
  /** As {@link ScanPlan.tasksFrom}, in memory. */
  listTasks(start: ScanStart, maxTasks?: number): Promise<ScanTask[]>
}

export type PlanOptions = {
  /** `all` for engines, which read formats that Lakeshore does not. */
  formats?: 'readable' | 'all'
}

/**
 * Plans a scan from the manifest list.
 *
 * @throws {AppError} file-missing, file-damaged, too-large, naming the file
 */
export async function planScan(
  table: TableSnapshot,
  source: ManifestSource,
  cache?: PlanCache,
  { formats = 'readable' }: PlanOptions = {},
): Promise<ScanPlan> {
  const layout = await readManifestLayout(table, source, cache?.layouts)
  const { manifests, fileCount } = layout
  const toTask = createTaskBuilder(table.metadata)
  let deletes: Promise<DeleteIndex | null> | null = null

  function readDeletes(): Promise<DeleteIndex | null> {
    if (layout.deleteFileCount === 0) return Promise.resolve(null)
    deletes ??= readDeleteIndex(table, layout, source, cache?.deletes)
    return deletes
  }

  async function readTasks(planned: PlannedManifest, start: ScanStart, maxTasks: number): Promise<ScanTask[]> {
    source.signal?.throwIfAborted()
    const entries = await readManifestEntries(table.metadata, planned.manifest, source)
    if (formats === 'readable') rejectOtherFormats(entries, fileCount)
    const positioned = toPositionedEntries(planned, entries, start, maxTasks)
    const index = positioned.length === 0 ? null : await readDeletes()
    const tasks: ScanTask[] = []
    for (const one of positioned) {
      tasks.push(toTask(one, index))
      // With many delete files, finding the ones that apply takes a while.
      if (index !== null) await source.takeTurns?.()
    }
    return tasks
  }

  async function* tasksFrom(start: ScanStart, maxTasks = Number.POSITIVE_INFINITY): AsyncGenerator<ScanTask, void> {
    const firstIndex = manifests.findIndex((planned) => isBeforeEnd(start, planned))
    const first = manifests[firstIndex]
    if (first === undefined || maxTasks <= 0) return
    const firstTasks = await readTasks(first, start, maxTasks)
    yield* firstTasks
    let remaining = maxTasks - firstTasks.length
    const needed = manifests.slice(firstIndex + 1, lastNeeded(manifests, firstIndex, remaining))
    const options = { concurrency: MAX_PARALLEL_MANIFESTS, backpressure: MAX_PARALLEL_MANIFESTS }
    for await (const tasks of pMapIterable(needed, (planned) => readTasks(planned, FROM_START, maxTasks), options)) {
      yield* tasks.slice(0, remaining)
      remaining -= tasks.length
    }
  }

  return {
    ...layout,
    readDeletes,
    tasksOf: (planned) => readTasks(planned, FROM_START, Number.POSITIVE_INFINITY),
    tasksFrom,
    listTasks: async (start, maxTasks) => {
      const tasks: ScanTask[] = []
      for await (const task of tasksFrom(start, maxTasks)) tasks.push(task)
      return tasks
    },
  }
}

/** Index after the last manifest that is needed for this many tasks behind `firstIndex`. */
function lastNeeded(manifests: readonly PlannedManifest[], firstIndex: number, taskCount: number): number {
  const first = manifests[firstIndex]
  if (first === undefined || taskCount <= 0) return firstIndex + 1
  const end = first.firstFile + first.fileCount + taskCount
  const index = manifests.findIndex(({ firstFile }) => firstFile >= end)
  return index < 0 ? manifests.length : index
}

function isBeforeEnd(start: ScanStart, { firstFile, fileCount, firstRow, rowCount }: PlannedManifest): boolean {
  return 'fromFile' in start ? start.fromFile < firstFile + fileCount : start.fromRow < firstRow + rowCount
}

function isAtOrAfter(start: ScanStart, { entry, fileIndex, firstRowIndex }: PositionedEntry): boolean {
  return 'fromFile' in start ? fileIndex >= start.fromFile : start.fromRow < firstRowIndex + entry.dataFile.recordCount
}

/** Live entries from the start with their positions, which are only right if the manifest list counted all correctly. */
function toPositionedEntries(
  { manifest, firstFile, firstRow, fileCount, rowCount }: PlannedManifest,
  entries: readonly ManifestEntry[],
  start: ScanStart,
  maxEntries: number,
): PositionedEntry[] {
  const positioned: PositionedEntry[] = []
  let [files, rows] = [0, 0]
  for (const entry of entries) {
    if (entry.status === 'deleted') continue
    const one = { entry, fileIndex: firstFile + files, firstRowIndex: firstRow + rows }
    if (positioned.length < maxEntries && isAtOrAfter(start, one)) positioned.push(one)
    files += 1
    rows += entry.dataFile.recordCount
  }
  if (files === fileCount && rows === rowCount) return positioned
  throw new AppError(
    'file-damaged',
    `The manifest ${manifest.manifestPath} has ${files} live files with ${rows} rows, but the manifest list says ${fileCount} files with ${rowCount} rows.`,
    { facts: { file: manifest.manifestPath } },
  )
}
