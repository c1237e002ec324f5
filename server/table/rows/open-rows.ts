import 'server-only'
import type { z } from 'zod'
import type { readTableRows } from '@/lib/contract/table/rows'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { AppError } from '@/lib/errors'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { createDeleteFileBuilder, type DeleteFile } from '@/lib/scan/deletes/delete-file'
import type { RowFormat } from '@/lib/scan/output/row-encoder'
import { parsePredicateText } from '@/lib/scan/predicate/predicate-text'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { prunePlan } from '@/lib/scan/prune/prune-plan'
import { rejectUnreadableDeletes } from '@/lib/scan/plan/reject-unreadable-deletes'
import { planScan, type ScanPlan } from '@/lib/scan/plan/scan-plan'
import type { ScanTask } from '@/lib/scan/plan/scan-task'
import { toPostableFields } from '@/lib/scan/postable-fields'
import { METADATA_FIELDS } from '@/lib/scan/read/metadata-columns'
import type { ScanFile } from '@/lib/scan/scan-files'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { cacheScope, createManifestSource } from '../files/live-files'
import { bindWhere, whereText } from '../scan/scan-filter'
import { resolveRequestedState } from '../requested-state'
import type { RowsJob } from '@/server/processes/row-messages'
import type { RowFiles } from './row-stream'

/** Files that are sent to the thread at once; fewer when many delete files apply to them. */
const FILES_PER_PAGE = 200
const DELETES_PER_PAGE = 2_000

export type OpenRows = {
  job: RowsJob
  files: RowFiles
  /** Null for a table without a snapshot. */
  snapshotId: string | null
}

/**
 * Prepares to read rows of a table.
 *
 * @throws {AppError} invalid-request for a limit, a column or a filter; not-found for the requested ref, snapshot or time; as
 *   `planScan` does
 */
export async function openRows(
  { database, manifestCache }: Pick<TableServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  input: Omit<z.output<typeof readTableRows.input>, 'format'>,
  { format, signal }: { format: RowFormat; signal: AbortSignal },
): Promise<OpenRows> {
  const { metadata, store } = table
  const { limit = null } = input
  if (limit !== null && limit < 1) throw new AppError('invalid-request', 'The limit is less than 1.')
  const { snapshot, schema } = resolveRequestedState(metadata, asOfFromInput(input), database.nowMs())
  const fields = input.columns === undefined ? schema.fields : findColumns(schema.fields, input.columns)
  const predicate = input.where === undefined ? null : bindWhere(toWhereJson(input.where), { metadata, schema })
  const plan = await planScan(
    { metadata, snapshot },
    createManifestSource(manifestCache, table, { store, signal }),
    manifestCache.plansFor(cacheScope(table)),
  )
  const { takeTurns } = manifestCache
  const listTasks = () =>
    predicate ? prunePlan(plan, predicate, { metadata, takeTurns }).tasks() : plan.tasksFrom({ fromFile: 0 })
  // The rows up to a limit may be those of files without deletes.
  if (limit === null) await rejectUnreadableDeletes(plan, listTasks)
  return {
    job: {
      fields: toPostableFields(fields),
      nameMapping: readNameMapping(metadata.properties),
      rowCount: plan.rowCount,
      limit,
      format,
      filter: predicate && { where: whereText(predicate), fields: toPostableFields(schema.fields) },
    },
    files: {
      nextFiles: createFilePages(metadata, plan, listTasks()),
      read: (location, range) => store.read(location, { range, signal }),
      sizeBytes: (location) => store.sizeBytes(location, { signal }),
    },
    snapshotId: snapshot?.snapshotId ?? null,
  }
}

/** An expression as JSON is an object; no filter as text begins with a brace. */
function toWhereJson(where: string): string {
  return where.trimStart().startsWith('{') ? where : stringifyExactJson(predicateToJson(parsePredicateText(where)))
}

/** A name, quoted or not, and the separator after it. */
const COLUMN = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]+))(,|$)/y

/** @throws {AppError} invalid-request */
function findColumns(fields: readonly NestedField[], text: string): NestedField[] {
  const names = parseNames(text)
  // A column of the table hides a metadata column of that name.
  const byName = new Map([...METADATA_FIELDS, ...fields].map((field) => [field.name, field]))
  const found = new Map<number, NestedField>()
  for (const name of names) {
    const field = byName.get(name)
    if (!field) throw columnError(name, 'is not a column of the table')
    if (found.has(field.id)) throw columnError(name, 'is named twice')
    found.set(field.id, field)
  }
  return [...found.values()]
}

function parseNames(text: string): string[] {
  const names: string[] = []
  COLUMN.lastIndex = 0
  for (;;) {
    const match = COLUMN.exec(text)
    if (!match) throw new AppError('invalid-request', 'The columns are not names separated by commas.')
    const [, quoted, plain, separator] = match
    names.push(quoted?.replaceAll('""', '"') ?? plain?.trim() ?? '')
    if (separator === '') return names
  }
}

function columnError(column: string, problem: string): AppError {
  return new AppError('invalid-request', `“${column}” ${problem}.`, { facts: { column } })
}

/** The files of a plan in order, a page per call. */
function createFilePages(
  metadata: TableMetadata,
  plan: ScanPlan,
  tasks: AsyncGenerator<ScanTask, void>,
): () => Promise<ScanFile[]> {
  const toScanFile = createScanFileBuilder(metadata, plan)
  return async () => {
    const files: ScanFile[] = []
    let deleteCount = 0
    while (files.length < FILES_PER_PAGE && deleteCount < DELETES_PER_PAGE) {
      const next = await tasks.next()
      if (next.done === true) break
      files.push(await toScanFile(next.value))
      deleteCount += next.value.deletes.length
    }
    return files
  }
}

function createScanFileBuilder(metadata: TableMetadata, plan: ScanPlan): (task: ScanTask) => Promise<ScanFile> {
  const toDeleteFile = createDeleteFileBuilder(metadata)
  const built = new Map<number, DeleteFile>()
  return async (task) => {
    const entries = task.deletes.length === 0 ? [] : ((await plan.readDeletes())?.entries ?? [])
    const deletes = task.deletes.flatMap((index) => {
      const entry = entries[index]
      const file = built.get(index) ?? (entry && toPostableDelete(toDeleteFile(entry, index)))
      if (file) built.set(index, file)
      return file ? [file] : []
    })
    const { filePath, fileFormat, fileSizeBytes, recordCount, firstRowIndex } = task
    const { sequenceNumber, firstRowId, constants } = task
    return {
      path: filePath,
      fileFormat,
      fileSizeBytes,
      recordCount,
      firstRowIndex,
      sequenceNumber,
      firstRowId,
      constants,
      deletes,
    }
  }
}

function toPostableDelete(file: DeleteFile): DeleteFile {
  return { ...file, equalityFields: toPostableFields(file.equalityFields) }
}
