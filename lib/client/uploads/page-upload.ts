import type { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'

/**
 * `waiting` behind other files, `sending`, `paused` until the server or the network answers again, `complete`, or
 * `failed` for good.
 */
export type PageUploadState = 'waiting' | 'sending' | 'paused' | 'complete' | 'failed'

/** A file that the page uploads. */
export type PageUpload = {
  /** Known to this page only. */
  id: string
  fileName: string
  sizeBytes: number
  target: TableIdentifier
  state: PageUploadState
  sentBytes: number
  /** Null unless bytes have been sent in the last seconds. */
  bytesPerSecond: number | null
  /** Why it is paused or has failed; null in other states. */
  failure: AppError | null
  /** The id on the server, for the request that loads the file; null before the server knows the upload. */
  uploadId: string | null
}

/** Files of a page, including those that are complete: the server stores no more for a user. */
export const MAX_PAGE_UPLOADS = 1_000
export const MAX_SIMULTANEOUS_UPLOADS = 3
/** The server stores a chunk as one part, and checks its checksum before that. */
export const CHUNK_BYTES = 8 * 1024 * 1024
