import 'server-only'
import type { ErrorCode } from '@/lib/errors'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import type { LoadMapping } from '@/lib/ingest/load-mapping'
import type { ColumnRule } from '@/lib/rules/column-rules'
import type { RowRequirement } from './cast/filter-check'
import type { ColumnProblem } from './input/mapping-problems'
import type { Reject } from './input/rejects'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import type { WriteSettings } from '@/server/data-files/write/write-settings'
import type { SortOrder } from '@/lib/iceberg/partitioning/sort-order'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

/**
 * The messages between the worker and its DuckDB child. They are cloned between processes; 64-bit values stay bigint
 * and bounds stay bytes (`serialization: 'advanced'`).
 */

/** The knowledge that the load of a part of a pipe has from the parts before it. */
export type LaterPart = {
  /** How many fields the records of CSV have that has no header; null: a header says so, or it is not CSV. */
  fieldCount: number | null
}

/** A file that is read, and how. */
export type InputRequest = {
  input: {
    path: string
    /** As users know it, for the fact `file-name`. */
    name: string
    /** Values of the folders in its path, by their names; null is null. */
    pathValues: ReadonlyMap<string, string | null>
    format: InputFormat
    /** Whether every field without a column is ignored. */
    ignoreExtra: boolean
    csv: CsvOptions
    mapping: LoadMapping
    /** For the fact `loaded-at`. */
    loadedAtMs: number
    /** Absent: a whole file, or the first part of a pipe. */
    laterPart?: LaterPart
  }
  /** The table's schema, with its field ids. */
  schema: Schema
  /** Rows that break one are rejected. */
  rules: readonly ColumnRule[]
  /** Rows that do not pass it are rejected, too. */
  requirement?: RowRequirement
  /** An absolute path of an existing, empty folder; the child writes everything there except the list of rejects. */
  stagingDir: string
  limits: DuckdbLimits
}

/**
 * A folder, the same for all files of a load, in which each of them stores the keys of its rows for unique rules; and the
 * names of the files that were staged before.
 */
export type KeyFiles = { folder: string; earlierNames: readonly string[] }

export type StageRequest = InputRequest & {
  keyFiles: KeyFiles
  spec: PartitionSpec
  /** The order of the rows of each file; null for that of the input. */
  sortOrder: SortOrder | null
  /**
   * Where the child lists values that do not fit, and where the list will be stored afterwards; and where it writes the
   * rejected records of a text file as they came, so that they can be corrected and loaded: CSV with its header, for the
   * same options, or NDJSON. It writes no file without rejects.
   */
  rejects: { file: string; location: string; recordsFile: string }
  /** How many rows may be rejected; 0 for none. */
  maxRejectedRows: number
  /** Whether points in numbers are those of decimals, although they may stand between thousands. Absent: no. */
  allowAmbiguousNumbers?: boolean
  /** `flights_data_20260102`: the prefix of file names. */
  fileStem: string
  write: WriteSettings
}

/** The contents of a file of rejected records: the head is everything before the first of them. */
export type SavedRecords = { recordCount: number; headBytes: number }

/** The limit of such a file. */
export const MAX_SAVED_BYTES = 64 * 1024 * 1024

export const NO_RECORDS: SavedRecords = { recordCount: 0, headBytes: 0 }

/** The columns and fields of one input that did not meet. */
export type FieldUse = {
  /**
   * Columns that take a field which the input does not have, or ignores: they get their write default, or null. Fields
   * inside columns have paths such as `address.city`.
   */
  absentColumns: readonly string[]
  /** Fields that fill no column, and are left out as the mapping or the request says. */
  skippedFields: readonly string[]
}

/** How an input became files: in one pass, by way of checked rows on disk, or after our own reader had read each record. */
export type StagingWay = 'streamed' | 'checked' | 'record-by-record'

/** An input after one way of staging. */
export type StagedInput = {
  files: readonly StagedFile[]
  fieldUse: FieldUse
  rowsRead: number
  rowsRejected: number
  /** The file of rejected records, which has a limit. */
  savedRecords: SavedRecords
}

export type StageResult = StagedInput & { way: StagingWay }

/** A file, or the beginning of one, that is shown to the user who maps it. */
export type PreviewRequest = InputRequest & {
  /** Rows without a partition are rejected. */
  spec: PartitionSpec
  /** Whether the file is the beginning of a larger one, so that an incomplete record at its end is left out. */
  isTruncated: boolean
}

/** The first rows as a load would write them, and everything that would stop or reject. */
export type InputPreview = {
  /** The fields of the file, in its order; those of JSON in the order in which they were found. */
  fields: readonly { name: string; samples: readonly string[] }[]
  /** The delimiter of a CSV file; null for other formats. */
  delimiter: string | null
  rowsRead: number
  /** The first rows that fit, with the text of each column of the table as a grid shows it; null is null. */
  rows: readonly { line: number; record?: number; values: readonly (string | null)[] }[]
  /** They have the number of their record where it says where they are. */
  rejects: readonly (Omit<Reject, 'record'> & Partial<Pick<Reject, 'record'>>)[]
  rowsRejected: number
  /** Counts of values that do not fit; the column is null for whole records. */
  rejectCounts: readonly { column: string | null; count: number }[]
  unknownColumns: readonly string[]
  unmappedFields: readonly string[]
  missingFields: readonly string[]
  missingColumns: readonly string[]
  columnProblems: readonly ColumnProblem[]
  absentColumns: readonly string[]
}

export const STAGE_PHASES = ['unpacking', 'reading', 'checking', 'writing'] as const
export type StageProgress = {
  phase: (typeof STAGE_PHASES)[number]
  bytesRead: number
  rowsRead: number
  /** While DuckDB reads, which counts bytes and not rows: how many it has probably read; 0 once they are counted. */
  rowsReadEstimate: number
  /** As far as they are known: without the exact reader, all of them are found at the end. */
  rowsRejected: number
  filesWritten: number
  /** The sizes of the written files: before encoding and compression, and as they are stored. */
  plainBytesWritten: number
  storedBytesWritten: number
}

export const NO_PROGRESS: Omit<StageProgress, 'phase'> = {
  bytesRead: 0,
  rowsRead: 0,
  rowsReadEstimate: 0,
  rowsRejected: 0,
  filesWritten: 0,
  plainBytesWritten: 0,
  storedBytesWritten: 0,
}

/** The messages to the child: a load, or a preview. */
export type ChildRequest = StageRequest | { preview: PreviewRequest; maxRows: number }

/** The messages of the child. After `done` it says that it is ready for another request; after `failed` it ends. */
export type ChildMessage =
  | { kind: 'progress'; progress: StageProgress }
  | { kind: 'done'; result: StageResult }
  | { kind: 'previewed'; preview: InputPreview }
  | { kind: 'ready'; residentBytes: number }
  | {
      kind: 'failed'
      code: ErrorCode | null
      detail: string
      facts: Readonly<Record<string, string | number | null>>
      stack: string
    }
