import 'server-only'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ErrorCode } from '@/lib/errors'
import type { EncodedRows } from '@/lib/scan/output/encode-rows'
import type { OutputFilter } from '@/lib/scan/output/encode-scan'
import type { RowFormat } from '@/lib/scan/output/row-encoder'
import type { ScanFile } from '@/lib/scan/scan-files'

/** The rows that a thread reads and encodes. It can be posted. */
export type RowsJob = {
  /** The columns, in order. */
  fields: readonly NestedField[]
  nameMapping: NameMapping | null
  /** The rows of all files, deleted ones included. */
  rowCount: number
  /** Null for all rows. */
  limit: number | null
  format: RowFormat
  filter: OutputFilter | null
  /** The rows to read, in this order, by their positions among those that are not deleted; by default all. */
  order?: Uint32Array
}

/** Each `pull` gets one `piece`, or `failed`. */
export type ToThread = { kind: 'start'; job: RowsJob } | { kind: 'pull' } | ({ kind: 'reply'; id: number } & Reply)

export type FromThread =
  | { kind: 'piece'; piece: EncodedRows | null /** Null after the last one. */ }
  | { kind: 'failed'; error: PostedError }
  | { kind: 'question'; id: number; question: Question }

/** Requests of a thread, which has no access to stores and no credentials. */
export type Question =
  /** The next files in order; none after the last one. */
  | { kind: 'files' }
  | { kind: 'read'; location: string; start: number; end: number }
  /** The last bytes of a file, and how long it is. */
  | { kind: 'read-end'; location: string; lengthBytes: number }

export type Answer = { files: readonly ScanFile[] } | { bytes: Uint8Array } | { bytes: Uint8Array; sizeBytes: number }
type Reply = { answer: Answer } | { error: PostedError }

export type PostedError = {
  /** Null for a failure that is not an `AppError`. */
  code: ErrorCode | null
  message: string
  stack: string
  facts: Readonly<Record<string, string | number | null>>
}
