import * as z from 'zod'
import { endpoint } from './endpoint'
import { tableIdentifierOnWire } from './shapes/lake'
import { UPLOADS_PATH } from './shapes/plain-values'
import { contractSchemas } from './shapes/schemas'
import { count, instantMs } from './shapes/wire'

const upload = z
  .object({
    uploadId: z.string(),
    /** As the client named the file: a text to show, never a path. */
    fileName: z.string(),
    /** The table that the file is for, which may not exist yet. */
    target: tableIdentifierOnWire,
    sizeBytes: count,
    /** The same as `sizeBytes` once the upload is complete. */
    receivedBytes: count,
    /** When it is removed, unless more of it arrives before. */
    expiresAtMs: instantMs,
    /** The last proposal that loads it; null without one. While it is open, no other proposal loads the upload. */
    proposalId: z.string().nullable(),
    /** The load that has it: one that is in progress, or waits for its turn or for bytes; null without one. */
    runId: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'Upload' })

export const listUploads = endpoint({
  summary: 'Lists the uploads of the caller',
  description:
    'The oldest first, with those that are complete but not loaded yet. Files are uploaded by tus 1.0 at the same path: POST creates an upload, HEAD, PATCH and DELETE at its address continue and remove it (docs/operations.md).',
  method: 'GET',
  path: UPLOADS_PATH,
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({ uploads: z.array(upload).max(2000) }),
})
