import type { QueryCost } from '@/lib/query/engine'
import type { LoadableFile } from '@/lib/query/load/decode-messages'
import { maxDecodedBytes, minDecodedBytes, sumFooterSizes } from '@/lib/query/load/estimate'
import { tooLargeError } from '@/lib/query/load/load-columns'
import { estimateMetadataBytes, tooManyRowsError } from '@/lib/query/load/metadata-rows'
import { columnsOf } from '@/lib/scan/predicate/predicate'
import type { PreparedQuery } from './prepared-query'
import type { TableCache, TableNeed } from '@/lib/query/load/table-cache'
import type { TableScan } from '@/lib/query/load/table-scan'

/** Up to this many footers are read to estimate the cost of a query; of more files, a sample. */
const MAX_FOOTERS_FOR_COST = 48

/**
 * Estimates how much a run would read of the tables, from the footers of some of their files.
 *
 * @param options.ignoresCache the columns and footers that this session has loaded are read again
 */
export async function estimateQueryCost(
  { needs, index, statementCount, timesInUtc }: PreparedQuery,
  tables: TableCache,
  signal: AbortSignal,
  { ignoresCache = false }: { ignoresCache?: boolean } = {},
): Promise<QueryCost> {
  const cost: QueryCost = {
    statementNumber: index + 1,
    statementCount,
    columns: 0,
    totalColumns: 0,
    cachedColumns: 0,
    readBytes: 0,
    totalBytes: 0,
    decodedBytes: 0,
    files: 0,
    totalFiles: 0,
    isFiltered: false,
    isFirstRowsOnly: false,
    isEstimate: false,
    timesInUtc,
  }
  for (const { scan, columns, rowsNeeded } of needs) {
    cost.columns += columns.length
    cost.totalColumns += scan.fields.length
    cost.totalBytes = cost.totalBytes === null || scan.fileBytes === null ? null : cost.totalBytes + scan.fileBytes
    if (rowsNeeded !== null) cost.isFirstRowsOnly = true
    if (scan.filter) cost.isFiltered = true
    if (readsDataFiles({ scan, columns })) cost.totalFiles += tableFileCountOf(scan)
    const loaded = new Set(ignoresCache ? [] : tables.loadedColumns(scan).map(({ id }) => id))
    const missing = columns.filter(({ id }) => !loaded.has(id))
    if (!ignoresCache) cost.cachedColumns += countCachedColumns({ scan, columns }, tables)
    // Deletes are read with the first columns; counting rows needs them, too.
    if (loaded.size === 0) cost.readBytes += scan.deleteBytes
    if (missing.length === 0) continue
    if (scan.metadataRows) {
      cost.isEstimate = true
      cost.decodedBytes += estimateMetadataBytes(missing, rowsNeeded ?? scan.rowCount, scan.metadataRows)
      continue
    }
    const sample = await sampleFiles(scan, rowsNeeded, signal)
    const footers = await tables.footers.readAll(scan, sample.files, signal)
    const comparedIds = scan.filter ? new Set(columnsOf(scan.filter.predicate).map(({ fieldId }) => fieldId)) : null
    const size = sumFooterSizes(footers, missing, comparedIds)
    const footerBytes = footers.reduce((sum, { readBytes }, i) => {
      const file = sample.files[i]
      return file && tables.footers.isCounted(file) && !ignoresCache ? sum : sum + readBytes
    }, 0)
    const sampledRows = sample.files.reduce((sum, { recordCount }) => sum + recordCount, 0)
    const factor = sampledRows === 0 ? 1 : sample.rowCount / sampledRows
    if (sample.files.length < sample.fileCount) cost.isEstimate = true
    cost.files += sample.fileCount
    // The end of a file, which was read for its footer, may have all of them.
    if (sample.fileCount > 0 && size.storedBytes + footerBytes === 0) cost.cachedColumns += missing.length
    cost.readBytes += Math.round((size.storedBytes + footerBytes) * factor)
    cost.decodedBytes += Math.round(size.decodedBytes * factor)
  }
  return cost
}

/** How many of the needed columns are loaded already. Those of a table without rows have no values to be loaded. */
export function countCachedColumns({ scan, columns }: Pick<TableNeed, 'scan' | 'columns'>, tables: TableCache): number {
  if (tables.loadedBytes(scan) === 0) return 0
  const loadedIds = new Set(tables.loadedColumns(scan).map(({ id }) => id))
  return columns.filter(({ id }) => loadedIds.has(id)).length
}

/** Whether the files of a table count among those of a statement, whether their columns are loaded already or not. */
export function readsDataFiles({ scan, columns }: Pick<TableNeed, 'scan' | 'columns'>): boolean {
  return columns.length > 0 && !scan.metadataRows
}

/** The files of a table, those that conditions skip included. */
export function tableFileCountOf({ filter, fileCount }: TableScan): number {
  return filter?.tableFileCount ?? fileCount
}

/**
 * The largest size that a load may have, before any footer is read. If it is small, a run does not wait for a better
 * estimate. The real size is limited while loading.
 */
export function maxSize(needs: readonly TableNeed[]): { readBytes: number; decodedBytes: number } {
  const decodedBytes = needs.reduce((sum, { scan, columns, rowsNeeded }) => {
    const rowCount = rowsNeeded ?? scan.rowCount
    if (scan.metadataRows) return sum + estimateMetadataBytes(columns, rowCount, scan.metadataRows)
    return sum + maxDecodedBytes(columns, rowCount, scan.fileBytes ?? Number.POSITIVE_INFINITY)
  }, 0)
  return { readBytes: 0, decodedBytes }
}

/** Refuses statements whose number of rows alone is too large, before any file is listed. */
export function requireLoadable(needs: readonly TableNeed[], tables: TableCache, limitBytes: number): void {
  for (const { scan, columns, rowsNeeded } of needs) {
    const loadedIds = new Set(tables.loadedColumns(scan).map(({ id }) => id))
    const missing = columns.filter(({ id }) => !loadedIds.has(id))
    const live = scan.metadataRows?.live
    if (live && columns.length > 0 && (rowsNeeded ?? (live.isExact ? scan.rowCount : 0)) > live.maxRows)
      throw tooManyRowsError(live.maxRows)
    // How many rows are deleted, pass a filter, or a metadata table has, is not known yet.
    if (scan.deleteFileCount > 0 || scan.metadataRows || scan.filter) continue
    if (rowsNeeded === null && minDecodedBytes(missing, scan.rowCount) > limitBytes) throw tooLargeError(limitBytes)
  }
}

/** Files for an estimate, and how many files and rows they stand for. */
async function sampleFiles(
  { files, fileCount, rowCount }: TableScan,
  rowsNeeded: number | null,
  signal: AbortSignal,
): Promise<{ files: readonly LoadableFile[]; fileCount: number; rowCount: number }> {
  if (rowsNeeded === null) return { files: await files.at(spreadEvenly(fileCount), signal), fileCount, rowCount }
  const first: LoadableFile[] = []
  let rows = 0
  for await (const file of files.list(signal)) {
    first.push(file)
    rows += file.recordCount
    if (rows >= rowsNeeded) break
  }
  const sampled = spreadEvenly(first.length).flatMap((index) => first[index] ?? [])
  return { files: sampled, fileCount: first.length, rowCount: rows }
}

/** Indexes below `count`: all, or as many as are read for an estimate, spread evenly. */
function spreadEvenly(count: number): number[] {
  const length = Math.min(count, MAX_FOOTERS_FOR_COST)
  return Array.from({ length }, (_, i) => Math.floor((i * count) / length))
}
