import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { joinNamespace } from '@/lib/names/identifiers'
import type { LoadableFile } from '@/lib/query/load/decode-messages'
import { knownFiles } from '@/lib/query/load/table-files'
import type { PlanOptions, TableScan } from '@/lib/query/load/table-scan'
import type { TableState } from '@/lib/query/table-state'
import type { FilesOfSnapshot } from '@/lib/scan/plan/appended-files'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { parsePredicateJson } from '@/lib/scan/predicate/predicate-json'
import { callEndpoint } from './call-endpoint'
import { addDefaults } from './planned-defaults'
import { createFileMapper, missingFileError, PAGE_FILES, planTable } from './plan-table'

/** Snapshots from which files are read; more are in successive requests. */
const MAX_PARALLEL_REQUESTS = 6

/** Plans a scan of a table in a state. @throws {AppError} not-found, not-supported … */
export async function planTableState(
  { identifier, schema, snapshotId, parts }: TableState,
  { schema: _other, ...options }: PlanOptions,
): Promise<TableScan> {
  if (snapshotId !== null && parts === null) return await planTable(identifier, { snapshotId }, { ...options, schema })
  const planned = await pMap(parts ?? [], (part) => planPart(identifier, part, options), {
    concurrency: MAX_PARALLEL_REQUESTS,
  })
  const [first] = planned
  const fields = first ? addDefaults(schema.fields, first.plan) : schema.fields
  const files = planned.flatMap((part) => filterFiles(part, fields))
  return {
    key: [
      identifier.catalog,
      joinNamespace(identifier.namespace),
      identifier.table,
      snapshotId,
      schema.schemaId,
      JSON.stringify(parts),
    ].join('\n'),
    snapshotId,
    committedAtMs: null,
    fields,
    files: knownFiles(files),
    fileCount: files.length,
    rowCount: files.reduce((sum, { recordCount }) => sum + recordCount, 0),
    deleteFileCount: planned.reduce((sum, { plan }) => sum + plan.deleteFileCount, 0),
    deleteBytes: planned.reduce((sum, { plan }) => sum + plan.deleteBytes, 0),
    fileBytes: files.reduce((sum, { byteLength }) => sum + byteLength, 0),
    ...(planned.some(({ where }) => where !== undefined) && { hasFilteredFiles: true }),
  }
}

type PlannedPart = { plan: SignedScanPlan; files: readonly LoadableFile[]; where: string | undefined }

function filterFiles({ files, where }: PlannedPart, fields: readonly NestedField[]): readonly LoadableFile[] {
  if (where === undefined) return files
  const predicate = bindPredicate(parsePredicateJson(parseExactJson(where)), { fields })
  return files.map((file) => ({ ...file, predicate }))
}

async function planPart(
  identifier: TableState['identifier'],
  { snapshotId, fileIndexes, where }: FilesOfSnapshot,
  options: Omit<PlanOptions, 'schema'>,
): Promise<PlannedPart> {
  const plan = await callEndpoint('scanTable', { ...identifier, snapshot: snapshotId }, options)
  const toLoadable = createFileMapper(plan)
  const files: LoadableFile[] = []
  for (const { from, end } of toRanges(fileIndexes)) {
    // A page is shorter when many delete files apply to its files.
    for (let next = from; next < end; ) {
      const page = { token: plan.token, fromFile: next, limit: Math.min(PAGE_FILES, end - next) }
      const listing = await callEndpoint('listPlannedFiles', page, { signal: options.signal })
      if (listing.files.length === 0) throw missingFileError(next)
      for (const [i, { index }] of listing.files.entries()) if (index !== next + i) throw missingFileError(next + i)
      files.push(...toLoadable(listing))
      next += listing.files.length
    }
  }
  return { plan, files, where }
}

/** Successive positions together; `end` is exclusive. */
function toRanges(indexes: readonly number[]): { from: number; end: number }[] {
  const ranges: { from: number; end: number }[] = []
  for (const index of indexes) {
    const last = ranges.at(-1)
    if (last !== undefined && index < last.end) throw new AppError('internal', 'The files of a state are not in order.')
    if (last?.end === index) last.end = index + 1
    else ranges.push({ from: index, end: index + 1 })
  }
  return ranges
}
