import 'server-only'
import type { z } from 'zod'
import {
  type listPlannedFiles,
  MAX_LISTED_FILES,
  type PlannedDeleteFile,
  type PlannedFile,
  type SkippedByFilter,
} from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import { schemaForSpec } from '@/lib/iceberg/manifest/partition-tuple'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { partitionLabel } from '@/lib/iceberg/partitioning/partition-spec'
import { toBase64 } from '@/lib/iceberg/schema/byte-text'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { createDeleteFileBuilder, type DeleteFile } from '@/lib/scan/deletes/delete-file'
import type { ScanPlan, ScanStart } from '@/lib/scan/plan/scan-plan'
import type { ScanTask } from '@/lib/scan/plan/scan-task'
import type { PrunedPlan } from '@/lib/scan/prune/prune-plan'
import { clock } from '@/server/timing/clock'
import { toWireField } from '../wire-schema'
import type { OpenScan } from './open-scan'

type PageInput = Omit<z.output<typeof listPlannedFiles.input>, 'token'>
export type FilePage = z.output<typeof listPlannedFiles.output>

/** The time for reading manifests for a page of a filtered plan, before the files found so far are returned. */
const PAGE_TIME_BUDGET_MS = 2_000

/** @throws {AppError} invalid-request; as `ScanPlan.tasksFrom` does */
export async function listFilePage({ table, plan, pruned }: OpenScan, input: PageInput): Promise<FilePage> {
  const { limit = MAX_LISTED_FILES } = input
  if (limit < 1 || limit > MAX_LISTED_FILES)
    throw new AppError('invalid-request', `The limit must be from 1 to ${MAX_LISTED_FILES}.`)
  const start = toScanStart(input)
  if (pruned === null) return await buildFilePage(table.metadata, plan, start, limit)
  if ('fromRow' in start) throw new AppError('invalid-request', 'A plan with a filter starts at a file, not at a row.')
  const options = { fromFile: start.fromFile, limit, timeBudgetMs: PAGE_TIME_BUDGET_MS }
  return await buildPrunedPage(table.metadata, plan, pruned, options)
}

/** A page has fewer files when so many delete files apply to them, because each file lists its own. */
const MAX_LISTED_DELETES = 100_000

/** Files from the start, and the delete files that apply to them. */
export async function buildFilePage(
  metadata: TableMetadata,
  plan: ScanPlan,
  start: ScanStart,
  limit: number,
): Promise<FilePage> {
  const tasks: ScanTask[] = []
  let listedDeletes = 0
  for await (const task of plan.tasksFrom(start, limit)) {
    listedDeletes += task.deletes.length
    if (tasks.length > 0 && listedDeletes > MAX_LISTED_DELETES) break
    tasks.push(task)
  }
  const next = (tasks.at(-1)?.fileIndex ?? plan.fileCount) + 1
  return { ...(await listTasks(metadata, plan, tasks)), nextFile: next < plan.fileCount ? next : null }
}

/** As {@link buildFilePage}, of the files that might have matching rows. */
export async function buildPrunedPage(
  metadata: TableMetadata,
  plan: ScanPlan,
  pruned: PrunedPlan,
  { fromFile, limit, timeBudgetMs }: { fromFile: number; limit: number; timeBudgetMs: number },
): Promise<FilePage & { skipped: SkippedByFilter }> {
  const endMs = clock.elapsedMs() + timeBudgetMs
  const mayContinue = () => clock.elapsedMs() < endMs
  const page = await pruned.listTasks(fromFile, { maxTasks: limit, maxDeletes: MAX_LISTED_DELETES, mayContinue })
  const { tasks, skipped, nextFile } = page
  return { ...(await listTasks(metadata, plan, tasks)), nextFile, skipped }
}

/** Files of a plan, as many of them as a page can have. */
export async function describeFiles(
  metadata: TableMetadata,
  plan: ScanPlan,
  tasks: readonly ScanTask[],
): Promise<Pick<FilePage, 'files' | 'deleteFiles'>> {
  let listedDeletes = 0
  const end = tasks.findIndex(({ deletes }, i) => {
    listedDeletes += deletes.length
    return i > 0 && listedDeletes > MAX_LISTED_DELETES
  })
  return await listTasks(metadata, plan, end < 0 ? tasks : tasks.slice(0, end))
}

async function listTasks(
  metadata: TableMetadata,
  plan: ScanPlan,
  tasks: readonly ScanTask[],
): Promise<Pick<FilePage, 'files' | 'deleteFiles'>> {
  const files = tasks.map(createPlannedFileBuilder(metadata))
  const indexes = new Set(tasks.flatMap((task) => task.deletes))
  const deletes = indexes.size === 0 ? null : await plan.readDeletes()
  const toDeleteFile = createDeleteFileBuilder(metadata)
  const deleteFiles = [...indexes].flatMap((index) => {
    const entry = deletes?.entries[index]
    return entry ? [toPlannedDeleteFile(toDeleteFile(entry, index))] : []
  })
  return { files, deleteFiles }
}

function toPlannedDeleteFile({ equalityIds, equalityFields, ...file }: DeleteFile): PlannedDeleteFile {
  return { ...file, equalityIds: [...equalityIds], equalityFields: equalityFields.map(toWireField) }
}

function toScanStart({ fromFile, fromRow }: PageInput): ScanStart {
  if (fromFile !== undefined && fromRow !== undefined)
    throw new AppError('invalid-request', 'Choose only one of fromFile and fromRow.')
  if ((fromFile ?? 0) < 0 || (fromRow ?? 0) < 0)
    throw new AppError('invalid-request', 'Files and rows are counted from 0.')
  return fromRow === undefined ? { fromFile: fromFile ?? 0 } : { fromRow }
}

/** Files as they are sent to the browser. */
function createPlannedFileBuilder(metadata: TableMetadata): (task: ScanTask) => PlannedFile {
  const types = newestFieldTypes(metadata)
  const toPartitionLabel = createPartitionLabeler(metadata)
  return (task) => ({
    index: task.fileIndex,
    path: task.filePath,
    fileFormat: task.fileFormat,
    fileSizeBytes: task.fileSizeBytes,
    recordCount: task.recordCount,
    firstRowIndex: task.firstRowIndex,
    sequenceNumber: task.sequenceNumber,
    firstRowId: task.firstRowId,
    specId: task.specId,
    partition: toPartitionLabel(task),
    deletes: [...task.deletes],
    constants: [...task.constants].flatMap(([fieldId, value]) => {
      const type = types.get(fieldId)
      return type === undefined ? [] : [{ fieldId, type, value: encodeConstant(type, value) }]
    }),
  })
}

/** Partition values have the types of the newest schema that contains their column. */
function newestFieldTypes({ schemas }: TableMetadata): Map<number, PrimitiveType> {
  const types = new Map<number, PrimitiveType>()
  for (const schema of schemas.toSorted((a, b) => a.schemaId - b.schemaId)) {
    for (const [fieldId, { field }] of indexFields(schema)) {
      if (typeof field.type === 'string') types.set(fieldId, field.type)
    }
  }
  return types
}

function encodeConstant(type: PrimitiveType, value: Value | null): string | null {
  return value === null ? null : toBase64(encodeSingleValue(type, value))
}

/** Labels by spec; files of one partition share a label. */
function createPartitionLabeler({ partitionSpecs, schemas }: TableMetadata): (task: ScanTask) => string {
  const bySpec = new Map(partitionSpecs.map((spec) => [spec.specId, { spec, schema: schemaForSpec(spec, schemas) }]))
  return ({ specId, partition }) => {
    const labeledSpec = bySpec.get(specId)
    return labeledSpec?.schema ? partitionLabel(labeledSpec.spec, labeledSpec.schema, partition) : ''
  }
}
