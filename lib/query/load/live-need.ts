import { AppError } from '@/lib/errors'
import type { HistoryOrder } from '@/lib/facts/history-table-names'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Predicate } from '@/lib/scan/predicate/predicate'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import type { TableCache, TableNeed } from './table-cache'
import type { PlanOptions, TableScan } from './table-scan'

/** The first rows that a statement needs of those that pass its predicate, in an order. */
export type FirstRows = { count: number; order: HistoryOrder }

/**
 * The need narrowed to the rows that the server selects: those that pass a predicate and, where these are exactly the
 * rows of the statement, the first of them.
 *
 * @throws {AppError} as planning does
 */
export async function selectLiveRows(
  need: TableNeed,
  { predicate, firstRows }: { predicate: Predicate | undefined; firstRows: FirstRows | null },
  tables: Pick<TableCache, 'registerFiltered'>,
  { signal, isRetry }: PlanOptions,
): Promise<TableNeed> {
  const { scan } = need
  const live = scan.metadataRows?.live
  if (live === undefined || scan.sample) return need
  const isCounted = firstRows === null && need.columns.length > 0
  if (predicate === undefined && firstRows === null && !(isCounted && scan.rowCount > live.maxRows)) return need
  const where = predicate === undefined ? null : stringifyExactJson(predicateToJson(predicate))
  const order = firstRows?.order ?? 'any'
  const selected = await live.select({ where, order }, { signal, isRetry, isCounted }).catch((error: unknown) => {
    // A filter that the server refuses, such as one that is too long for an address, still selects rows here.
    if (error instanceof AppError && error.code === 'invalid-request') return null
    throw error
  })
  if (selected === null) return { ...need, rowsNeeded: null }
  const part: TableScan = {
    ...scan,
    key: `${scan.key}\nwhere ${where}\n${order}`,
    rowCount: selected.rowCount ?? scan.rowCount,
    metadataRows: selected.metadataRows,
  }
  tables.registerFiltered(scan, part)
  return { ...need, scan: part, rowsNeeded: firstRows && firstRows.count < part.rowCount ? firstRows.count : null }
}
