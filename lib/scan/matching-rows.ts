import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DataFiles } from './data-files'
import type { DeleteFile } from './deletes/delete-file'
import { createDeleteLoader } from './deletes/delete-loader'
import { createFilteredRows, type FilteredRows } from './filtered-rows'
import { bindPredicate } from './predicate/bind-predicate'
import { parsePredicateJson } from './predicate/predicate-json'
import { createRowBudgets, type RowReader } from './read-rows'
import type { DataFileCodecs } from './read/file-facts'
import type { ScanFile } from './scan-files'

export type MatchingRowsOptions<File extends ScanFile> = {
  /** The columns that are read. */
  fields: readonly NestedField[]
  /** As JSON, see `predicate-json`, with the schema that it is bound to. */
  filter: { where: string; fields: readonly NestedField[] }
  nameMapping: NameMapping | null
  /** The files that might match, in order. */
  files: AsyncIterable<File>
  open: (file: File) => ByteSource
  openDelete: (file: DeleteFile) => ByteSource
  codecs: DataFileCodecs
  /** Size of the cache of decoded pages. */
  cacheBytes?: number
}

/**
 * The rows of files that pass a filter, without deleted ones.
 *
 * @throws {AppError} invalid-request for a filter that does not fit its fields
 */
export function createMatchingRows<File extends ScanFile>({
  fields,
  filter,
  nameMapping,
  files,
  open,
  openDelete,
  codecs,
  cacheBytes,
}: MatchingRowsOptions<File>): { rows: FilteredRows<File & { filePath: string }>; dataFiles: DataFiles } {
  const deletes = createDeleteLoader({ open: openDelete, codecs, nameMapping })
  const dataFiles = new DataFiles({ open: (file) => open(file as File), deletes, codecs, nameMapping })
  const rows = createFilteredRows<File & { filePath: string }>({
    predicate: bindPredicate(parsePredicateJson(parseExactJson(filter.where)), filter),
    fields,
    tasks: withPaths(files),
    open: (file, signal) => dataFiles.open(file, signal),
    createBudget: () => createRowBudgets().reserveMemory,
    createValueBudget: () => createRowBudgets().reserveValueBytes,
    withoutDeleted: async (file, positions) => {
      const deleted = positions.length === 0 ? null : await dataFiles.loadDeletes(file)
      return deleted ? positions.filter((position) => !deleted.has(position)) : positions
    },
    ...(cacheBytes !== undefined && { cacheBytes }),
  })
  return { rows, dataFiles }
}

/** How a comparison reads rows. Rows are counted by reading them to the end. */
export type CountedRowReader = Pick<RowReader, 'rowCount' | 'readRows' | 'readShownRows' | 'cost'>

/** Matching rows of known files as a reader: until all were searched, `rowCount` is that of all rows in the files. */
export function createMatchingRowReader<File extends ScanFile>({
  files,
  ...options
}: Omit<MatchingRowsOptions<File>, 'files'> & { files: readonly File[] }): CountedRowReader {
  const { rows, dataFiles } = createMatchingRows<File>({ ...options, files: iterate(files) })
  const maxRows = files.reduce((sum, { recordCount }) => sum + recordCount, 0)
  return {
    get rowCount() {
      const { isComplete, matchCount } = rows.progress()
      return isComplete ? matchCount : maxRows
    },
    readRows: (options) => rows.readRows(options),
    readShownRows: (options) => rows.readShownRows(options),
    cost: () => dataFiles.cost(),
  }
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function* withPaths<File extends ScanFile>(
  files: AsyncIterable<File>,
): AsyncGenerator<File & { filePath: string }> {
  for await (const file of files) yield { ...file, filePath: file.path }
}
