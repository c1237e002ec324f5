import * as z from 'zod'
import { count, instantMs } from '../shapes/wire'

/** Uploads that are named in the wait of a load. */
export const MAX_AWAITED_FILES = 10

/** The uploads that a load waits for. It waits until all are complete, and fails when one expires or is removed. */
export const loadWait = z.object({
  /** All uploads of the load, and how many of them are not complete. */
  fileCount: count,
  incompleteCount: count,
  /** All uploads together. */
  sizeBytes: count,
  receivedBytes: count,
  /** When the load fails, unless more bytes arrive before. */
  expiresAtMs: instantMs,
  /** Whether they are uploads of the caller, who can continue them. */
  isOwn: z.boolean(),
  /** The first ones that are not complete, for users who may change the run. */
  files: z
    .array(z.object({ uploadId: z.string(), fileName: z.string(), sizeBytes: count, receivedBytes: count }))
    .max(MAX_AWAITED_FILES),
})
export type LoadWait = z.output<typeof loadWait>
