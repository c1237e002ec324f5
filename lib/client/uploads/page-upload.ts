import type { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'

/**
 * `waiting` behind other files, `sending`, `paused` until the server or the network answers again, `complete`, or
 * `failed` for good.
 */
export type PageUploadState = 'waiting' | 'sending' | 'paused' | 'complete' | 'failed'

/** A file that this browser tab uploads. */
export type PageUpload = {
  /** Known to this browser tab only. */
  id: string
  fileName: string
  sizeBytes: number
  target: TableIdentifier
  /** The earlier load that is continued with it; null for a new load. */
  runId: string | null
  state: PageUploadState
  sentBytes: number
  /** Those of the sent bytes that the server has confirmed; at first 0, also of an upload that is continued. */
  storedBytes: number
  /** Null unless bytes have been sent in the last seconds. */
  bytesPerSecond: number | null
  /** Why it is paused or has failed, or why the server does not register it while it waits; otherwise null. */
  failure: AppError | null
  /** The id on the server, for the request that loads the file; null before the server knows the upload. */
  uploadId: string | null
  /** The run that was started with it and waits for its bytes; null while it belongs to a form. */
  awaitedBy: string | null
}

/** Whether the upload goes on once its user has signed in again. */
export function needsSession({ state, failure }: Pick<PageUpload, 'state' | 'failure'>): boolean {
  return (state === 'paused' || state === 'waiting') && failure?.code === 'unauthenticated'
}

/** Whether a request was refused because its user was disabled, and not because the session has ended. */
export function isOfDisabledUser(failure: AppError | null): boolean {
  return failure?.facts['userState'] === 'disabled'
}

/** Files of a browser tab, including those that are complete: the server stores no more for a user. */
export const MAX_PAGE_UPLOADS = 1_000
export const MAX_SIMULTANEOUS_UPLOADS = 3
/** Over a slow line, the first rows of a text come with it, long before those of the whole beginning. */
export const FIRST_CHUNK_BYTES = 256 * 1024
/** As much of a file as a preview reads, where the second chunk ends. */
export const BEGINNING_BYTES = 4 * 1024 * 1024
/** The server stores a chunk as one part, and checks its checksum before that. */
export const CHUNK_BYTES = 8 * 1024 * 1024

/** Whether the server has as much of a file as a preview reads. */
export function hasBeginning({
  state,
  sizeBytes,
  storedBytes,
}: Pick<PageUpload, 'state' | 'sizeBytes' | 'storedBytes'>): boolean {
  return state === 'complete' || storedBytes >= Math.min(sizeBytes, BEGINNING_BYTES)
}
