import { z } from 'zod'
import { endpoint } from './endpoint'
import { tableInput } from './wire'

const base = z.string().nullable()

/** What a person gathers in the tray; later kinds of change are further members (see `lib/iceberg/intent`). */
export const changeIntent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('set-property'), key: z.string().min(1).max(1000), value: z.string().max(32_768), base }),
  z.object({ kind: z.literal('remove-property'), key: z.string().min(1).max(1000), base }),
])
export type ChangeIntent = z.output<typeof changeIntent>

const intents = z.array(changeIntent).min(1).max(200)

/** Someone else's change to the same thing: what the person saw, what is there now, what they want. */
const conflict = z.object({ key: z.string(), base, now: base, wanted: base })
export type ChangeConflict = z.output<typeof conflict>

/** The commit as it would be sent, and what of it no longer fits. Changes nothing. */
export const reviewChanges = endpoint({
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/changes/review',
  permission: 'table:read',
  input: tableInput.extend({ intents }),
  output: z.object({
    /** The Iceberg REST request: where it goes and its body as indented JSON text, 64-bit ids exact. */
    requestPath: z.string(),
    requestBody: z.string(),
    /** The metadata the review was made on; it moves when someone else commits. */
    metadataLocation: z.string(),
    conflicts: z.array(conflict),
  }),
})

/** Commits the gathered changes as one. @throws {AppError} commit-conflict when one no longer fits; nothing is changed. */
export const commitChanges = endpoint({
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/changes',
  permission: 'table:write',
  input: tableInput.extend({ intents }),
  output: z.object({ auditId: z.string(), metadataLocation: z.string() }),
})
