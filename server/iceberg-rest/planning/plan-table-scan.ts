import 'server-only'
import { AppError } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { readRequest } from '@/lib/iceberg/json/read-request'
import { planScan, type ScanPlan } from '@/lib/scan/plan/scan-plan'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import { prunePlan } from '@/lib/scan/prune/prune-plan'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { cacheScope, createManifestSource } from '@/server/table/files/live-files'
import { clock } from '@/server/timing/clock'
import { bodyFields, type RestInput, tableInPath } from '../request-input'
import { MAX_PLAN_ID_CHARS } from '../request-limits'
import type { OperationContext, OperationHandler } from '../serve-operation'
import { createContentFileWriter } from './content-file-json'
import { type FileRange, manifestsIn, splitRange } from './file-range'
import { bindFilter, decodeScan, encodeScan, type PlannedScan, readPlanRequest } from './planned-scan'

/**
 * Plans scans for engines: finds the files that a scan has to read. The first answer has the first tasks, and plan
 * tasks for the rest, each of which leads to tasks and perhaps to another plan task. Every plan is complete, and no
 * process stores it, so it has an id only if it has plan tasks.
 *
 * Spec: REST `open-api`, paths `…/plan`, `…/plan/{plan-id}` and `…/tasks`.
 */

const MAX_TASKS_PER_PAGE = 1_000
/** Approximate length of an answer. */
const MAX_PAGE_CHARS = 8 * 1024 * 1024
const CHARS_PER_TASK = 1_024
/** After which an answer ends with the manifest that is being read, so that one that skips nearly everything ends, too. */
const MAX_PAGE_MS = 2_000
/** Clients fetch plan tasks at the same time. */
const MAX_PLAN_TASKS = 64
const MIN_FILES_PER_PLAN_TASK = 10_000

export const planTableScan: OperationHandler = async (input, context) => {
  const table = await context.catalog.loadTable(tableInPath(input), context)
  context.clientUses.record(context.actor, { tableUuid: table.metadata.tableUuid, access: 'read' })
  return answerPlan(table, readPlanRequest(input.body ?? {}, table.metadata), context)
}

/** A plan is finished when it has an id, so this plans it again. */
export const fetchPlanningResult: OperationHandler = async (input, context) => {
  const table = await context.catalog.loadTable(tableInPath(input), context)
  return answerPlan(table, requirePlan(input, table), context)
}

/** Plans are not stored, so nothing has to be released. */
export const cancelPlanning: OperationHandler = async (input, context) => {
  requirePlan(input, await context.catalog.loadTable(tableInPath(input), context))
  return { status: 204 }
}

export const fetchScanTasks: OperationHandler = async (input, context) => {
  const planTask = readRequest(() => bodyFields(input).text('plan-task'))
  const table = await context.catalog.loadTable(tableInPath(input), context)
  const scan = decodeScan(planTask, table.metadata)
  if (scan === null || !hasSnapshot(table, scan)) {
    throw new AppError('not-found', 'The table has no such plan task. Plan the scan again.', {
      facts: { missing: 'plan-task' },
    })
  }
  const opened = await openPlannedScan(table, scan, context)
  const page = await buildTaskPage(opened, scan.range)
  return { json: { ...page.json, ...planTasksToJson(scan, page.rest === null ? [] : [page.rest]) } }
}

type OpenedScan = {
  table: LoadedTable
  scan: PlannedScan
  plan: ScanPlan
  predicate: BoundPredicate
  takeTurns: () => Promise<void> | null
}

async function openPlannedScan(
  table: LoadedTable,
  scan: PlannedScan,
  { manifestCache, signal }: OperationContext,
): Promise<OpenedScan> {
  const { metadata, store } = table
  const predicate = bindFilter(scan, metadata)
  const snapshot = metadata.snapshots.find(({ snapshotId }) => snapshotId === scan.snapshotId) ?? null
  const source = createManifestSource(manifestCache, table, { store, signal })
  const cache = manifestCache.plansFor(cacheScope(table))
  const plan = await planScan({ metadata, snapshot }, source, cache, { formats: 'all' })
  return { table, scan, plan, predicate, takeTurns: manifestCache.takeTurns }
}

async function answerPlan(table: LoadedTable, scan: PlannedScan, context: OperationContext) {
  const opened = await openPlannedScan(table, scan, context)
  const { plan } = opened
  const { json, rest } = await buildTaskPage(opened, { fromFile: 0, endFile: plan.fileCount })
  const taskChars = encodeScan(scan).length
  const ranges =
    rest === null
      ? []
      : splitRange(plan.manifests, rest, {
          maxRanges: Math.max(1, Math.min(MAX_PLAN_TASKS, Math.floor(MAX_PAGE_CHARS / taskChars))),
          minFiles: MIN_FILES_PER_PLAN_TASK,
        })
  const planId = encodeScan(scan)
  return {
    json: {
      status: 'completed',
      ...(ranges.length > 0 && planId.length <= MAX_PLAN_ID_CHARS && { 'plan-id': planId }),
      ...json,
      ...planTasksToJson(scan, ranges),
    },
  }
}

/** @throws {AppError} as `ScanPlan.tasksFrom` does */
async function buildTaskPage(
  { table, scan, plan, predicate, takeTurns }: OpenedScan,
  range: FileRange,
): Promise<{ json: JsonObject; rest: FileRange | null }> {
  const { metadata } = table
  const filterChars = scan.filterText?.length ?? 0
  const maxTasks = Math.min(MAX_TASKS_PER_PAGE, Math.ceil(MAX_PAGE_CHARS / (CHARS_PER_TASK + filterChars)))
  const inRange = { ...plan, manifests: manifestsIn(plan.manifests, range), fileCount: range.endFile }
  const startedAtMs = clock.elapsedMs()
  const { tasks, nextFile } = await prunePlan(inRange, predicate, { metadata, takeTurns }).listTasks(range.fromFile, {
    maxTasks,
    mayContinue: () => clock.elapsedMs() - startedAtMs < MAX_PAGE_MS,
  })
  const deletes = tasks.some((task) => task.deletes.length > 0) ? await plan.readDeletes() : null
  const { toDataFileJson, toDeleteFileJson } = createContentFileWriter(metadata)
  const statsFieldIds = new Set(scan.statsFieldIds)
  const references = new Map<number, number>()
  const deleteFiles: JsonObject[] = []
  const toReference = (index: number): number => {
    const known = references.get(index)
    const entry = deletes?.entries[index]
    if (known !== undefined || entry === undefined) return known ?? 0
    references.set(index, deleteFiles.length)
    return deleteFiles.push(toDeleteFileJson(entry.dataFile)) - 1
  }
  // Clients take a missing residual for true, and PyIceberg would count rows that do not match.
  const residual = scan.filterText === null ? {} : { 'residual-filter': parseExactJson(scan.filterText) }
  const fileScanTasks: JsonObject[] = []
  for (const task of tasks) {
    fileScanTasks.push({
      'data-file': toDataFileJson(task, statsFieldIds),
      ...(task.deletes.length > 0 && { 'delete-file-references': task.deletes.map(toReference) }),
      ...residual,
    })
    await takeTurns()
  }
  return {
    json: { ...(deleteFiles.length > 0 && { 'delete-files': deleteFiles }), 'file-scan-tasks': fileScanTasks },
    rest: nextFile === null ? null : { fromFile: nextFile, endFile: range.endFile },
  }
}

function planTasksToJson(scan: PlannedScan, ranges: readonly FileRange[]): JsonObject {
  return ranges.length === 0 ? {} : { 'plan-tasks': ranges.map((range) => encodeScan(scan, range)) }
}

/** @throws {AppError} not-found */
function requirePlan({ planId }: RestInput, table: LoadedTable): PlannedScan {
  const scan = decodeScan(planId, table.metadata)
  if (scan === null || !hasSnapshot(table, scan)) {
    throw new AppError('not-found', 'The table has no plan with this id. Plan the scan again.', {
      facts: { missing: 'plan-id' },
    })
  }
  return scan
}

function hasSnapshot({ metadata }: LoadedTable, { snapshotId }: PlannedScan): boolean {
  return snapshotId === null || metadata.snapshots.some((snapshot) => snapshot.snapshotId === snapshotId)
}
