import type { NestedField } from '@/lib/iceberg/schema/types'
import type { NameMapping } from '@/lib/iceberg/schema/name-mapping'
import type { SerializedError } from '../rows/row-messages'
import type { RemoteFile } from './remote-file'

/** A data file as the decoder is told of it. */
export type LoadableFile = RemoteFile & {
  /** Rows, as the table's manifest says. */
  recordCount: number
  /** How much of its end to read for the footer, at first. */
  tailBytes: number
  /** Values of identity partition fields as text that DuckDB casts, by field id; null is a null value. */
  constants: ReadonlyMap<number, string | null>
  /** For files without field ids. */
  nameMapping: NameMapping | null
}

/** What a load needs to know of a footer. */
export type FooterSummary = {
  rowGroups: readonly { rowCount: number; columns: readonly ColumnSize[] }[]
  /** Of the whole file, as it is there. */
  byteLength: number
  /** Read for the footer itself. */
  readBytes: number
}

/** One top-level column in one row group. */
export type ColumnSize = {
  fieldId: number
  storedBytes: number
  encodedBytes: number
  /** Bytes of text and binaries alone; null where no writer counted them. */
  byteArrayBytes: number | null
}

/** An Arrow IPC stream whose columns are those asked for, and what it took. */
export type DecodedColumns = {
  ipc: Uint8Array
  rowCount: number
  readBytes: number
  /** When its bytes were asked for and when the last of them came, in milliseconds since 1970. */
  fetched: { fromMs: number; toMs: number }
  decodeMs: number
}

export type DecodeRequest = { id: number; file: LoadableFile } & (
  | { kind: 'footer' }
  | { kind: 'columns'; rowGroups: readonly number[]; fields: readonly NestedField[] }
)

export type DecodeReply = { id: number } & (
  | { kind: 'footer'; footer: FooterSummary }
  | { kind: 'decoding' }
  | ({ kind: 'columns' } & DecodedColumns)
  | { kind: 'failed'; error: SerializedError }
)
