import * as z from 'zod'
import { CHERRY_PICK_REFUSALS } from '@/lib/iceberg/operations/cherry-pick-refusal'
import { endpoint } from '../endpoint'
import { refOnWire } from '../shapes/iceberg-shapes'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs, intInQuery, longId, tableInput } from '../shapes/wire'

/** Numbers of a commit; null if its summary does not have them. */
export const delta = z.object({ added: count.nullable(), removed: count.nullable() })

export const snapshot = z
  .object({
    snapshotId: longId,
    parentSnapshotId: longId.nullable(),
    sequenceNumber: z.int(),
    committedAtMs: instantMs,
    /** Iceberg's `append`, `replace`, `overwrite`, `delete`, or whatever the writer stored. */
    operation: z.string(),
    /** Engine and version from the summary, otherwise the user and client that the audit has; null if neither is known. */
    writer: z.string().nullable(),
    schemaId: z.int().nullable(),
    summary: z.record(z.string(), z.string()),
    refs: z.array(refOnWire),
    /** Whether it is an ancestor of `main`, so that `main` can be rolled back to it. */
    isOnMain: z.boolean(),
    /** How many snapshots `main` would gain up to it; null when it does not descend from the tip of `main`. */
    aheadCount: count.nullable(),
    /** The branch in whose lane it is: `main`, or the oldest branch that reaches it; null when none does. */
    branch: z.string().nullable(),
    /** Why it cannot be cherry-picked onto `main`, as far as the metadata says; null if no reason is known. */
    cherryPickRefusal: z.enum(CHERRY_PICK_REFUSALS).nullable(),
    /** Whether a branch or a tag reaches it. */
    isReferenced: z.boolean(),
    rows: delta,
    files: delta,
    bytes: delta,
  })
  .register(contractSchemas, { id: 'Snapshot' })
export type Snapshot = z.output<typeof snapshot>

export const listSnapshots = endpoint({
  summary: 'Lists the snapshots of a table, newest first, a page at a time',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/snapshots',
  permission: 'table:read',
  input: tableInput.extend({
    offset: intInQuery.optional(),
    /** Lists only this snapshot and its ancestors. */
    upTo: longId.optional(),
    /** Lists only snapshots with this operation, of this writer, and committed in this time, ends included. */
    operation: z.string().min(1).max(200).optional(),
    writer: z.string().min(1).max(1000).optional(),
    fromMs: intInQuery.optional(),
    toMs: intInQuery.optional(),
  }),
  output: z.object({
    mainSnapshotId: longId.nullable(),
    /** How many are listed over all pages, and how many the table has. */
    totalCount: count,
    tableCount: count,
    /** How many snapshots of the table no branch or tag reaches. */
    unreferencedCount: count,
    /** The values to filter by that the table has, the most frequent first. */
    operations: z.array(z.string()).max(100),
    writers: z.array(z.string()).max(100),
    snapshots: z.array(snapshot).max(1000),
    nextOffset: z.int().nullable(),
  }),
})
