import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import { callEndpoint } from './call-endpoint'
import { deleteBytesUrl, fileBytesUrl } from './file-bytes-url'
import { type FileListing, type ListedFile, toListedFiles } from './listed-files'
import { decodeConstants } from './planned-constants'
import { addDefaults } from './planned-defaults'
import type { LoadableFile } from '@/lib/query/load/decode-messages'
import { knownFiles, type TableFiles } from '@/lib/query/load/table-files'
import type { FilteredFiles, PlanOptions, TableScan } from '@/lib/query/load/table-scan'

export const PAGE_FILES = 1_000
const MAX_PARALLEL_REQUESTS = 6
/** The files of a plan with a filter are held. When more than these remain, the filter has skipped too little. */
const MAX_FILTERED_FILES = 10_000

/** Plans a scan of a table; its files are listed as they are needed. @throws {AppError} not-found, not-supported … */
export async function planTable(identifier: TableIdentifier, asOf: AsOf, options: PlanOptions): Promise<TableScan> {
  const { schema, ...callOptions } = options
  const plan = await callEndpoint('scanTable', { ...identifier, ...asOfToInput(asOf) }, callOptions)
  const { schemaId, fields } = schema ?? plan.schema
  return {
    key: [
      identifier.catalog,
      joinNamespace(identifier.namespace),
      identifier.table,
      plan.snapshotId,
      schemaId,
      // A property of the table, which changes without a snapshot.
      JSON.stringify(plan.nameMapping),
    ].join('\n'),
    snapshotId: plan.snapshotId,
    committedAtMs: plan.committedAtMs,
    fields: addDefaults(fields, plan),
    ...(schema && { snapshotFieldIds: new Set(indexFields(plan.schema).keys()) }),
    files: createTableFiles(plan),
    fileCount: plan.fileCount,
    rowCount: plan.rowCount,
    deleteFileCount: plan.deleteFileCount,
    deleteBytes: plan.deleteBytes,
    fileBytes: plan.totalBytes,
    planFiltered: async (where, filterOptions) =>
      await listFilteredFiles(
        await callEndpoint('scanTable', { ...identifier, ...asOfToInput(asOf), where }, filterOptions),
        filterOptions,
      ),
  }
}

/** All files of a plan with a filter; null if there are too many. */
export async function listFilteredFiles(
  plan: SignedScanPlan,
  { signal }: PlanOptions,
  listFiles: ListFiles = (page, options) => callEndpoint('listPlannedFiles', page, options),
): Promise<FilteredFiles | null> {
  const toLoadable = createFileMapper(plan)
  const files = toLoadable(plan)
  for (let next = plan.filtered?.nextFile ?? null; next !== null; ) {
    const listing = await listFiles({ token: plan.token, fromFile: next, limit: PAGE_FILES }, { signal })
    const { nextFile = null } = listing
    if (nextFile !== null && nextFile <= next) throw missingFileError(next)
    files.push(...toLoadable(listing))
    if (files.length > MAX_FILTERED_FILES) return null
    next = nextFile
  }
  return {
    snapshotId: plan.snapshotId,
    files: knownFiles(files),
    fileCount: files.length,
    rowCount: files.reduce((sum, { recordCount }) => sum + recordCount, 0),
  }
}

export function createFileMapper(plan: SignedScanPlan): (listing: FileListing) => LoadableFile[] {
  const leafCount = plan.schema.fields.reduce((sum, field) => sum + countLeaves(field.type), 0)
  return (listing) => toListedFiles(listing, plan).map((file) => toLoadFile(file, plan, leafCount))
}

/** The files of a plan: the first ones from the plan itself, the others page by page. None are held. */
export function createTableFiles(
  plan: SignedScanPlan,
  listFiles: ListFiles = (page, options) => callEndpoint('listPlannedFiles', page, options),
): TableFiles {
  const toLoadable = createFileMapper(plan)
  const planned = toLoadable(plan)
  if (planned.length === plan.fileCount) return knownFiles(planned)

  async function* list(signal: AbortSignal): AsyncGenerator<LoadableFile, void> {
    yield* planned
    for (let next = planned.length; next < plan.fileCount; ) {
      const listing = await listFiles({ token: plan.token, fromFile: next, limit: PAGE_FILES }, { signal })
      const { files } = listing
      if (files.length === 0) throw missingFileError(next)
      for (const [i, { index }] of files.entries()) if (index !== next + i) throw missingFileError(next + i)
      yield* toLoadable(listing)
      next += files.length
    }
  }

  async function fileAt(fromFile: number, signal: AbortSignal): Promise<LoadableFile> {
    const listing = await listFiles({ token: plan.token, fromFile, limit: 1 }, { signal })
    const [file] = toLoadable(listing)
    if (!file || listing.files[0]?.index !== fromFile) throw missingFileError(fromFile)
    return file
  }

  return {
    list,
    at: (indexes, signal) =>
      pMap(indexes, (index) => planned[index] ?? fileAt(index, signal), { concurrency: MAX_PARALLEL_REQUESTS }),
  }
}

type ListFiles = (
  page: { token: string; fromFile: number; limit: number },
  options: { signal: AbortSignal },
) => Promise<FileListing & { nextFile?: number | null }>

export function missingFileError(index: number): AppError {
  return new AppError('internal', `The server listed no file with the index ${index}.`)
}

function toLoadFile(file: ListedFile, { token, nameMapping }: SignedScanPlan, leafCount: number): LoadableFile {
  return {
    url: fileBytesUrl(token, file.index),
    name: file.path,
    fileFormat: file.fileFormat,
    byteLength: file.fileSizeBytes,
    recordCount: file.recordCount,
    tailBytes: guessTailBytes(file, leafCount),
    constants: decodeConstants(file),
    nameMapping,
    origin: { path: file.path, sequenceNumber: file.sequenceNumber, firstRowId: file.firstRowId },
    deletes: file.deletes.map((each) => ({ ...each, url: deleteBytesUrl(token, each.index) })),
  }
}

const FOOTER_BYTES = 1024
/** One column chunk in a footer, with its statistics. */
const CHUNK_BYTES = 350
/** The smallest row groups in common use (DuckDB's). */
const ROW_GROUP_ROWS = 122_880

/**
 * A guess at how many bytes at a file's end contain its footer: too few cost a second request, too many are read in
 * vain. At most a 64th of the file, so that footers stay small compared with the data.
 */
function guessTailBytes({ fileSizeBytes, recordCount }: ListedFile, leafCount: number): number {
  const rowGroups = Math.ceil(recordCount / ROW_GROUP_ROWS)
  const guess = FOOTER_BYTES + leafCount * rowGroups * CHUNK_BYTES
  return Math.min(fileSizeBytes, guess, Math.max(4096, Math.ceil(fileSizeBytes / 64)), 64 * 1024)
}

function countLeaves(type: Type): number {
  if (typeof type === 'string') return 1
  const children: readonly Pick<NestedField, 'type'>[] =
    type.type === 'struct'
      ? type.fields
      : type.type === 'list'
        ? [{ type: type.element }]
        : [{ type: type.key }, { type: type.value }]
  return children.reduce((sum, child) => sum + countLeaves(child.type), 0)
}
