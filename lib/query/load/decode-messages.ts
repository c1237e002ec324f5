import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { FileFormat } from '@/lib/scan/read/file-facts'
import type { FileOrigin } from '@/lib/scan/read/metadata-columns'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import type { Span } from '@/lib/scan/counted-source'
import type { DeleteFile } from '@/lib/scan/deletes/delete-file'

/** A file of a table at its signed URL on our own origin. */
export type RemoteFile = { url: string; name: string; byteLength: number }

/** A data file as it is described to the decoder. */
export type LoadableFile = RemoteFile & {
  /** Parquet if left out. */
  fileFormat?: FileFormat
  /** Number of rows in the table's manifest. */
  recordCount: number
  /** How many bytes at its end to read first for the footer. */
  tailBytes: number
  /** Values of identity partition fields by field id; null is a null value. */
  constants: ReadonlyMap<number, Value | null>
  /** For files without field ids. */
  nameMapping: NameMapping | null
  /** Whether it is read with its own columns, not a table's. */
  hasOwnColumns?: boolean
  /** A file on the user's disk, in place of the URL. */
  blob?: Blob
  /** Needed for metadata columns only. */
  origin?: FileOrigin
  /** The delete files that apply to it. */
  deletes: readonly LoadableDelete[]
  /** Only its rows that pass are read. */
  predicate?: BoundPredicate
}

/** A delete file and its signed URL. */
export type LoadableDelete = DeleteFile & { url: string }

/** The facts of a footer that a load needs. */
export type FooterSummary = {
  rowGroups: readonly RowGroupSummary[]
  /** The actual length of the whole file. */
  byteLength: number
  /** The columns of a file that is read with its own. */
  fields?: readonly NestedField[]
  /** Bytes read for the footer itself. */
  readBytes: number
  /** The position from which these bytes are cached, so that columns in them are not read again; absent for none. */
  cachedFrom?: number
}

export type RowGroupSummary = {
  rowCount: number
  columns: readonly ColumnSize[]
  /** Stored size of all columns, if they can only be read together. */
  storedTogetherBytes?: number
}

/** One top-level column in one row group. */
export type ColumnSize = {
  fieldId: number
  storedBytes: number
  encodedBytes: number
  /** Bytes of text and binaries only; null if the writer did not count them. */
  byteArrayBytes: number | null
  /** Absent if its position in the file is not known. */
  spans?: ColumnSpans
}

/** The parts of a file that reading a column reads, at most. */
export type ColumnSpans = {
  chunks: readonly Span[]
  /** Read in addition if only some rows are. */
  offsetIndexes: readonly Span[]
  /** Read in addition to compare the column with values. */
  filterIndexes: readonly Span[]
}

/** The requested columns and their cost. */
export type DecodedColumns = {
  /** Each an Arrow IPC stream of its own, in the order of the rows. */
  batches: readonly Uint8Array[]
  rowCount: number
  readBytes: number
  /** When its bytes were requested and when the last of them arrived, in milliseconds since 1970. */
  fetched: { fromMs: number; toMs: number }
  decodeMs: number
}

export type DecodeRequest = { id: number; file: LoadableFile } & (
  | { kind: 'footer' }
  | { kind: 'counts' }
  | ({ kind: 'columns' } & ColumnRequest)
)

/** Columns of some row groups. */
export type ColumnRequest = {
  rowGroups: readonly number[]
  /** The requested columns, in the order of the result. */
  fields: readonly NestedField[]
  /** Rows that do not pass are left out; by default none. */
  predicate?: BoundPredicate | undefined
}

export type DecodeReply = { id: number } & (
  | { kind: 'footer'; footer: FooterSummary }
  /** The number of rows of each row group that are not deleted. */
  | { kind: 'counts'; rowCounts: readonly number[]; readBytes: number }
  | ({ kind: 'columns' } & DecodedColumns)
)
