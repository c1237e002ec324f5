import type { HistoryTableName } from '@/lib/facts/history-table-names'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import type { NestedField, Schema } from '@/lib/iceberg/schema/types'
import type { RenamedColumn } from '@/lib/query/engine'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import type { MetadataRows } from './metadata-rows'
import type { TableFiles } from './table-files'

/** One table at one snapshot, with what loading it needs. */
export type TableScan = {
  /** Identifies rows and columns: table, snapshot and schema. */
  key: string
  /** Null for a table without a snapshot. */
  snapshotId: string | null
  committedAtMs: number | null
  /** With names that DuckDB can distinguish, once the scan is in the plan cache. */
  fields: readonly NestedField[]
  /** The columns whose name in queries is not that of the table. */
  renamedColumns?: readonly RenamedColumn[]
  /** Ids of the fields of the snapshot, at any depth; only for a scan with another schema than its own. */
  snapshotFieldIds?: ReadonlySet<number>
  /** Names of those fields that are metadata columns, which `*` leaves out. */
  hiddenColumns?: readonly string[]
  files: TableFiles
  fileCount: number
  /** Deleted rows included. */
  rowCount: number
  deleteFileCount: number
  /** The cost of reading all delete files. */
  deleteBytes: number
  /** Null if the table does not say. */
  fileBytes: number | null
  /** Lists the files that might have rows that pass a filter; null if too many might. */
  planFiltered?: (where: string, options: PlanOptions) => Promise<FilteredFiles | null>
  /** Set for a scan of the rows that pass a filter. Its files are the ones that might have some. */
  filter?: ScanFilter
  /** Only some rows of some files are read, so that `rowCount` is too large, and columns are needed to count rows. */
  hasFilteredFiles?: boolean
  /** The rows of a metadata table, which has no files. Its `rowCount` is an estimate. */
  metadataRows?: MetadataRows
  /** Only the first rows of the table are read, at most so many and so many decoded bytes; see `sample-scan`. */
  sample?: { label: string; maxRows: number; maxBytes: number }
}

/** The rows of a table that a statement can use. */
export type ScanFilter = {
  predicate: BoundPredicate
  /** The predicate as JSON, the same for the same predicate. */
  where: string
  /** Files of the whole table. */
  tableFileCount: number
}

/** The files of one snapshot that might have rows that pass a filter, and how many rows they have in all. */
export type FilteredFiles = Pick<TableScan, 'snapshotId' | 'files' | 'fileCount' | 'rowCount'>

/** Requests the files of a table from the server. @throws {AppError} not-found, not-supported, … */
export type PlanTable = (identifier: TableIdentifier, asOf: AsOf, options: PlanOptions) => Promise<TableScan>

/** Describes a metadata table of a table. Throws as {@link PlanTable}. */
export type PlanMetadataTable = (
  identifier: TableIdentifier,
  name: MetadataTableName,
  asOf: AsOf,
  options: PlanOptions,
) => Promise<TableScan>

/** Describes a table of the collected history. */
export type PlanHistoryTable = (name: HistoryTableName, options: PlanOptions) => Promise<TableScan>

/**
 * `isRetry`: the user tries again, see `CallOptions` of `call`. `schema`: the rows are read with it, by field id, instead
 * of with the schema of the snapshot.
 */
export type PlanOptions = { signal: AbortSignal; isRetry: boolean; schema?: Schema }

/** `isFresh`: do not use a cached plan. */
export type ScanOptions = PlanOptions & { isFresh: boolean }
