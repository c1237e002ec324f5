import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { distinguishNames } from '@/lib/query/duckdb/distinct-names'
import type { LoadableFile } from './decode-messages'
import type { Decoder } from './decoder'
import { knownFiles } from './table-files'
import type { PlanOptions, TableScan } from './table-scan'

/** A file that a statement reads in place of a table. */
export type RequestedFile =
  | { kind: 'table'; identifier: TableIdentifier; asOf: AsOf; path: string }
  | { kind: 'dropped'; name: string }

/**
 * Finds a file. The server returns a table's file only if a manifest of the snapshot lists it and the user may read the
 * table; no other location is ever requested.
 *
 * @throws {AppError} not-found, not-supported for other formats than Parquet, forbidden
 */
export type FindFile = (file: RequestedFile, options: PlanOptions) => Promise<{ key: string; file: LoadableFile }>

const TAIL_BYTES = 64 * 1024

/** The members of every file that is read with its own columns. */
export const STANDALONE_FILE = {
  fileFormat: 'parquet',
  hasOwnColumns: true,
  recordCount: 0,
  tailBytes: TAIL_BYTES,
  constants: new Map(),
  nameMapping: null,
  deletes: [],
} as const satisfies Partial<LoadableFile>

/** A scan of one Parquet file with its own columns. Deletes are not applied: all stored rows are read. */
export async function scanFile(
  requested: RequestedFile,
  options: PlanOptions,
  { decoder, find }: { decoder: Pick<Decoder, 'readFooter'>; find: FindFile },
): Promise<TableScan> {
  const { key, file } = await find(requested, options)
  const { fields = [], rowGroups, byteLength } = await decoder.readFooter(file, options.signal)
  const rowCount = rowGroups.reduce((sum, group) => sum + group.rowCount, 0)
  return {
    key,
    snapshotId: null,
    committedAtMs: null,
    files: knownFiles([{ ...file, byteLength, recordCount: rowCount }]),
    fileCount: 1,
    rowCount,
    deleteFileCount: 0,
    deleteBytes: 0,
    fileBytes: byteLength,
    ...distinguishNames(fields),
  }
}
