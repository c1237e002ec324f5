import type { HistoryTableName } from '@/lib/facts/history-table-names'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { SizeMismatch } from '@/lib/scan/data-files'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import type { UnreadableBounds } from '@/lib/iceberg/metadata/unreadable-bounds'
import type { NestedField, Schema, Type } from '@/lib/iceberg/schema/types'
import type { ColumnProfile } from './column-profile-types'
import type { QueryParameter } from './parameter-types'
import type { PlanOperator } from './query-plan'
import type { RowValue } from '@/lib/scan/read/row-values'

/**
 * The port of whatever runs SQL over tables of the lake. An adapter resolves the names of a statement to tables at
 * snapshots, reads the data it needs, and returns exact values in Iceberg's types. Components that draw queries know
 * this port only.
 */
export type QueryEngine = {
  /** Prepares for the first query. A failure is reported again by the query. */
  start(): Promise<unknown>
  /**
   * Estimates the cost of a run.
   *
   * @param options.ignoresCache the run is that of an engine which has no loaded columns
   * @throws {AppError} as {@link QueryEngine.run}, for the query itself
   */
  estimateCost(request: QueryRequest, signal: AbortSignal, options?: { ignoresCache?: boolean }): Promise<QueryCost>
  /**
   * Runs the statement at the cursor.
   *
   * @throws {AppError} query-failed (facts `start`, `end`, `hint`), not-found, not-supported, too-large, cancelled,
   *   file-missing, file-damaged
   */
  run(request: QueryRequest, options: RunOptions): Promise<QueryResult>
  /**
   * The first rows of the statement at the cursor over samples of its tables. Absent in engines where a sample costs as
   * much as the query.
   *
   * @throws {AppError} as {@link QueryEngine.run}; too-large when a sample would be
   */
  preview?(request: QueryRequest, signal: AbortSignal): Promise<QueryPreview>
  /**
   * Profiles a column, by its index, over the rows of a result of any engine. Absent in engines without room for them.
   *
   * @throws {AppError} cancelled; not-supported for rows that are not in Arrow's format
   */
  profileResult?(result: QueryResult, column: number, signal: AbortSignal): Promise<ColumnProfile>
  /** Columns of a table or a view, for completion. */
  readFields(identifier: TableIdentifier, asOf: AsOf, signal: AbortSignal): Promise<readonly NestedField[]>
  /** The functions that statements can call, for completion. They are known once the engine has started. */
  listFunctions(): Promise<readonly SqlFunction[]>
}

/** A function of the engine, one of its signatures. */
export type SqlFunction = {
  name: string
  kind: 'scalar' | 'aggregate' | 'table'
  /** `value, digits → DECIMAL`. */
  signature: string
  /** A sentence, or empty. */
  description: string
}

export type RunOptions = {
  /** Cancels the run. */
  signal: AbortSignal
  /** The user retries a failed run. */
  isRetry?: boolean
  /** Reads the rows, also when the engine has a result of the same snapshots. */
  skipsCache?: boolean
  onProgress: (progress: QueryProgress) => void
  /** The most memory that the result may take, at most {@link MAX_RESULT_BYTES}. */
  maxResultBytes?: number
  /** Called before more than {@link CONFIRM_BYTES} are loaded. */
  confirm: (cost: QueryCost) => Promise<boolean>
}

/** Decoded size above which the user is asked to confirm. */
export const CONFIRM_BYTES = 256 * 1024 * 1024

/** The most memory of a result, and of all results of a run: they are in the page's own memory. */
export const MAX_RESULT_BYTES = 256 * 1024 * 1024

/** The most rows of a result, whatever was requested. */
export const MAX_ROWS = 1_000_000

/** A request to run SQL: the text, the cursor's position in it, and what names without a connection refer to. */
export type QueryRequest = {
  sql: string
  cursor: number
  connection: string
  connections: readonly string[]
  /** The most rows to show. */
  maxRows: number
  /** The state of the tables for which the text names no version and no time; by default as they are now. */
  asOf?: AsOf
  /** Values of the parameters `$name`; others are ignored. */
  parameters?: readonly QueryParameter[]
  /** A table that is read with this schema at every snapshot, by field id, instead of with that of the snapshot. */
  readWith?: { identifier: TableIdentifier; schema: Schema }
  /** Names that are known to be those of views: they are not looked up as tables first. */
  knownViews?: readonly TableIdentifier[]
}

/** A time that a statement writes without an offset, so that it is in UTC, and the instant that it stands for. */
export type TimeInUtc = { text: string; micros: bigint }

/** The cost of running a statement. */
export type QueryCost = {
  /** The times that its conditions compare with instants, as far as they are known. */
  timesInUtc?: readonly TimeInUtc[]
  /** Position of the statement among those of the text, from 1. */
  statementNumber: number
  statementCount: number
  columns: number
  totalColumns: number
  /** Those of `columns` whose bytes this engine has already. */
  cachedColumns: number
  /** Bytes of columns, deletes, footers and indexes that would be transferred; 0 if they are loaded already. */
  readBytes: number
  /** Size of the tables' files; null if a table does not say. */
  totalBytes: number | null
  /** Size in memory; an estimate. */
  decodedBytes: number
  /** Files that would be read. */
  files: number
  /** Files of the tables whose columns are needed, skipped and loaded ones included. */
  totalFiles: number
  /** Only rows that the statement's conditions admit are loaded. The sizes are those of all rows of the files. */
  isFiltered: boolean
  /** Only the first rows are needed, so only the first files are read. */
  isFirstRowsOnly: boolean
  /** Extrapolated from the footers of some files. */
  isEstimate: boolean
}

export type QueryProgress = {
  step: 'starting' | 'planning' | 'loading' | 'running'
  readBytes: number
  totalBytes: number
  rowCount: number
}

/** Milliseconds of a run. `startMs`, `planMs`, `confirmMs`, `loadMs` and `runMs` follow each other and add up to `totalMs`. */
export type QueryTiming = {
  startMs: number
  planMs: number
  /** How long the user took to confirm a large load; 0 if no confirmation was needed. */
  confirmMs: number
  loadMs: number
  runMs: number
  totalMs: number
  /** Parts of loading, which overlap: together they may take longer than `loadMs`. */
  fetchMs: number
  decodeMs: number
  insertMs: number
}

/** A column and the name that queries use for it. */
export type RenamedColumn = { name: string; queryName: string }

/** One version of a table that a query read. */
export type TableRead = {
  identifier: TableIdentifier
  /** The state that the query names: a branch, a tag, a snapshot or a time; empty for the table as it is now. */
  asOf: AsOf
  /** Null for a table without a snapshot. */
  snapshotId: string | null
  committedAtMs: number | null
  /** Its metadata table of this name was read, and not the table itself. */
  metadataTable?: MetadataTableName
  /** The views through which it is read, outermost first. */
  views: readonly string[]
  /** The columns whose name in queries is not that of the table. */
  renamedColumns?: readonly RenamedColumn[]
}

/** A view that a query read, and the dialect of the SQL that ran. */
export type ViewRead = { identifier: TableIdentifier; dialect: string }

/** The cost of a load. The times of its parts overlap. */
export type LoadCost = {
  filesRead: number
  readBytes: number
  decodedBytes: number
  rowCount: number
  fetchMs: number
  decodeMs: number
  insertMs: number
}

/** How many files of the tables whose columns are needed remained under the conditions of a statement. */
export type FilteredFiles = { files: number; totalFiles: number }

export const ZERO_COST: LoadCost = {
  filesRead: 0,
  readBytes: 0,
  decodedBytes: 0,
  rowCount: 0,
  fetchMs: 0,
  decodeMs: 0,
  insertMs: 0,
}

/** A column of a result: its values have an Iceberg type; `sqlType` is the engine's name of its type. */
export type ResultColumn = { name: string; type: Type; sqlType: string }

/** Rows of a result. Values are read from the engine's own memory, exactly. */
export type ResultBatch = {
  rowCount: number
  /** @param row from 0 */
  value(row: number, column: number): RowValue | null
  /**
   * The rows as a stream in Arrow's format, which has each value exactly; with one column, only that one. Absent for
   * rows that were not read from Arrow.
   */
  toArrow?(column?: number): Uint8Array
}

/** The rows of a table that a preview was computed from. */
export type TableSample = {
  /** The name of the table. */
  label: string
  rowCount: number
  /** The table has no other rows. */
  isWhole: boolean
}

/** First rows of a query over samples: they show its form, and are not its result. */
export type QueryPreview = Pick<QueryResult, 'columns' | 'batches' | 'rowCount' | 'isTruncated'> & {
  samples: readonly TableSample[]
}

export type QueryResult = {
  columns: readonly ResultColumn[]
  batches: readonly ResultBatch[]
  rowCount: number
  /** There were more rows than the limit. */
  isTruncated: boolean
  /** Memory of the batches. */
  resultBytes: number
  cost: LoadCost
  /** Only if rows of a table were filtered while loading: the files that might have had matches, and all files. */
  filteredFiles: FilteredFiles | null
  timing: QueryTiming
  columnsRead: number
  totalColumns: number
  /** Those of `columnsRead` whose values the engine had already; never the columns of a table without rows. */
  cachedColumns: number
  /**
   * Columns of `readWith` that the statement uses and the snapshot does not have, as `location.depth`. They are null, or
   * have their initial default.
   */
  absentColumns?: readonly string[]
  /** Files read for this or an earlier query whose length differs from that in the manifest. */
  sizeMismatches: readonly SizeMismatch[]
  /** Bounds in the rows of metadata tables that cannot be shown, so that their cells are null; absent if there are none. */
  unreadableBounds?: UnreadableBounds
  /** In the order in which the query names them. */
  tablesRead: readonly TableRead[]
  viewsRead: readonly ViewRead[]
  /** The tables of the collected history that were read, each once. */
  historyTables?: readonly HistoryTableName[]
  /** Files were read in place of tables, and `tablesRead` lacks them. */
  readsFiles?: boolean
  /** A result to read as text, such as that of EXPLAIN. */
  isText: boolean
  /** The plan that an EXPLAIN returned, in place of its text. */
  plan?: readonly PlanOperator[]
  /** When its rows were read, if that was in an earlier run over the same snapshots. */
  cachedAtMs?: number
}
