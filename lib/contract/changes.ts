import { z } from 'zod'
import { endpoint } from './endpoint'
import { contractSchemas } from './shapes/schemas'
import { tableInput } from './shapes/wire'

const base = z.string().nullable()

/** A pending change in the tray; later kinds of change are further members (see `lib/iceberg/commit/intent`). */
export const changeIntent = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('set-property'),
      key: z.string().min(1).max(1000),
      value: z.string().max(32_768),
      base,
    }),
    z.object({ kind: z.literal('remove-property'), key: z.string().min(1).max(1000), base }),
  ])
  .register(contractSchemas, { id: 'ChangeIntent' })
export type ChangeIntent = z.output<typeof changeIntent>

const intents = z.array(changeIntent).min(1).max(200)

/** A change by another writer to the same thing: the value the user saw, the current one, and the one they want. */
const conflict = z
  .object({ key: z.string(), base, now: base, wanted: base })
  .register(contractSchemas, { id: 'ChangeConflict' })
export type ChangeConflict = z.output<typeof conflict>

export const reviewChanges = endpoint({
  summary: 'Shows the commit that the changes would become, and which of them no longer fit',
  description: 'Changes nothing.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/changes/review',
  permission: 'table:read',
  input: tableInput.extend({ intents }),
  output: z.object({
    /** The Iceberg REST request: where it goes and its body as indented JSON text, 64-bit ids exact. */
    requestPath: z.string(),
    requestBody: z.string(),
    /** The metadata that the review is based on; it changes with every commit of another writer. */
    metadataLocation: z.string(),
    conflicts: z.array(conflict),
  }),
})

export const commitChanges = endpoint({
  summary: 'Commits the changes as one commit',
  description: 'Fails with `commit-conflict` and changes nothing when one of them no longer fits.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/changes',
  permission: 'table:write',
  input: tableInput.extend({ intents }),
  output: z.object({ auditId: z.string(), metadataLocation: z.string() }),
})
