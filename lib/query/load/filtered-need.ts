import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { Predicate } from '@/lib/scan/predicate/predicate'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { maxDecodedBytes } from './estimate'
import type { TableCache, TableNeed } from './table-cache'
import type { PlanOptions, ScanFilter, TableScan } from './table-scan'

/**
 * Columns that take less than this are loaded whole: the next statement, with another condition, then finds them loaded.
 */
export const MIN_FILTERED_BYTES = 4 * 1024 * 1024
/** Each file costs requests of its own, however small: more files than this are never needed whole. */
const MAX_WHOLE_FILES = 16

/**
 * The need narrowed to the rows that pass a predicate, and to the files that might have some. A table that is loaded
 * already, or is small and of few files, or a sample is needed whole.
 *
 * @throws {AppError} as planning does
 */
export async function filterNeed(
  need: TableNeed,
  predicate: Predicate | undefined,
  tables: Pick<TableCache, 'loadedColumns' | 'registerFiltered'>,
  { minBytes, ...options }: PlanOptions & { minBytes: number },
): Promise<TableNeed> {
  const { scan, columns, rowsNeeded } = need
  if (predicate === undefined || columns.length === 0 || rowsNeeded !== null) return need
  if (scan.metadataRows || scan.sample) return need
  const maxBytes = maxDecodedBytes(columns, scan.rowCount, scan.fileBytes ?? Number.POSITIVE_INFINITY)
  if (maxBytes < minBytes && scan.fileCount <= MAX_WHOLE_FILES) return need
  const loadedIds = new Set(tables.loadedColumns(scan).map(({ id }) => id))
  if (columns.every(({ id }) => loadedIds.has(id))) return need
  const bound = bindPredicate(predicate, { fields: scan.fields })
  const where = stringifyExactJson(predicateToJson(predicate))
  const filter: ScanFilter = { predicate: bound, where, tableFileCount: scan.fileCount }
  const filtered: TableScan = {
    ...scan,
    ...(await findFiles(scan, where, options)),
    key: `${scan.key}\nwhere ${where}`,
    filter,
  }
  tables.registerFiltered(scan, filtered)
  return { ...need, scan: filtered }
}

/** The files that might have matching rows; all if the server does not say. */
async function findFiles(
  { planFiltered, snapshotId }: TableScan,
  where: string,
  options: PlanOptions,
): Promise<Partial<TableScan>> {
  const planned = await planFiltered?.(where, options).catch((error: unknown) => {
    // A filter that the server refuses, such as one that is too long for an address, still selects rows here.
    if (error instanceof AppError && error.code === 'invalid-request') return null
    throw error
  })
  // The table may have a new snapshot since.
  if (!planned || planned.snapshotId !== snapshotId) return {}
  const { files, fileCount, rowCount } = planned
  return { files, fileCount, rowCount }
}
