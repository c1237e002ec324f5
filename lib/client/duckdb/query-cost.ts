import { maxDecodedBytes, sumFooterSizes } from './estimate'
import type { PreparedQuery } from './prepared-query'
import type { QueryCost } from './query-types'
import type { TableCache, TableNeed } from './table-cache'
import type { TableScan } from './table-scan'

/** Up to this many footers are read to estimate the cost of a query; of more files, a sample. */
const MAX_FOOTERS_FOR_COST = 48

/** What a run would read of the tables, from the footers of some of their files. */
export async function estimateQueryCost(
  { needs, index, statementCount }: PreparedQuery,
  tables: TableCache,
  signal: AbortSignal,
): Promise<QueryCost> {
  const cost: QueryCost = {
    statementNumber: index + 1,
    statementCount,
    columns: 0,
    totalColumns: 0,
    readBytes: 0,
    totalBytes: 0,
    decodedBytes: 0,
    files: 0,
    isFirstRowsOnly: false,
    isEstimate: false,
  }
  for (const { scan, columns, rowsNeeded } of needs) {
    cost.columns += columns.length
    cost.totalColumns += scan.fields.length
    cost.totalBytes += scan.fileBytes
    if (rowsNeeded !== null) cost.isFirstRowsOnly = true
    const loaded = new Set(tables.loadedColumns(scan).map(({ id }) => id))
    const missing = columns.filter(({ id }) => !loaded.has(id))
    if (missing.length === 0) continue
    const files = rowsNeeded === null ? scan.files : filesForRows(scan, rowsNeeded)
    const sampledFiles = sampleEvenly(files, MAX_FOOTERS_FOR_COST)
    const footers = await tables.footers.readAll(sampledFiles, signal)
    const size = sumFooterSizes(footers, missing)
    const sampledRows = sampledFiles.reduce((sum, { recordCount }) => sum + recordCount, 0)
    const rows = files.reduce((sum, { recordCount }) => sum + recordCount, 0)
    const factor = sampledRows === 0 ? 1 : rows / sampledRows
    if (sampledFiles.length < files.length) cost.isEstimate = true
    cost.files += files.length
    cost.readBytes += Math.round(size.storedBytes * factor)
    cost.decodedBytes += Math.round(size.decodedBytes * factor)
  }
  return cost
}

/**
 * The largest size that a load may have, before any footer is read. If it is small, a run does not wait for a better
 * estimate. The real size is limited while loading.
 */
export function maxSize(needs: readonly TableNeed[]): { readBytes: number; decodedBytes: number } {
  const decodedBytes = needs.reduce(
    (sum, { scan, columns, rowsNeeded }) => sum + maxDecodedBytes(columns, rowsNeeded ?? scan.rowCount, scan.fileBytes),
    0,
  )
  return { readBytes: 0, decodedBytes }
}

function filesForRows({ files }: TableScan, rowsNeeded: number) {
  let rows = 0
  const end = files.findIndex(({ recordCount }) => {
    rows += recordCount
    return rows >= rowsNeeded
  })
  return end < 0 ? files : files.slice(0, end + 1)
}

/** At most `count` of them, spread evenly. */
function sampleEvenly<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]).filter(
    (item) => item !== undefined,
  )
}
