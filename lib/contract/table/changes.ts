import * as z from 'zod'
import { endpoint } from '../endpoint'
import { changeIntent, changeIntents } from '../shapes/change-intent'
import { commitRequest } from '../shapes/commit-request'
import { engineScripts } from '../shapes/engine-scripts'
import { reviewed } from '../shapes/problem'
import { contractSchemas } from '../shapes/schemas'
import { confirmedName, count, idempotencyKey, tableInput } from '../shapes/wire'
import { writeOutcome } from '../shapes/write-outcome'

const base = z.string().nullable()

/** A change by another writer to the same thing: the value the user saw, the current one, and the one they want. */
const conflict = z
  .object({
    /** The index of the intent, in the order in which they were sent. */
    index: count,
    base,
    current: base,
    requested: base,
    /** The intent based on the current value; null when there is nothing left to change. */
    rebased: changeIntent.nullable(),
  })
  .register(contractSchemas, { id: 'ChangeConflict' })
export type ChangeConflict = z.output<typeof conflict>

/** UUID of the table that the changes are for. With `commit-conflict`, they do not fit another table of its name. */
const changedTableUuid = z.string().min(1).max(100).optional()

const changeReview = z
  .object({
    /** Null with a problem. */
    request: commitRequest.nullable(),
    /** Distinguishes the request from any other. Null with a problem. */
    requestDigest: z.string().nullable(),
    /** The changes in Spark SQL, Trino SQL and Python for PyIceberg. Null with a problem. */
    scripts: engineScripts.nullable(),
    /** The metadata that the review is based on; it changes with every commit of another writer. */
    metadataLocation: z.string(),
    conflicts: z.array(conflict),
    /** Why an intent cannot be carried out on the table as it is; null: it can, or it conflicts. */
    problem: z.object({ index: count, message: z.string() }).nullable(),
    /** Warnings to read before the commit. */
    warnings: z.array(z.string()),
    /**
     * Whether a branch or tag loses snapshots, or the commit cannot be undone, so that the commit needs the name of the
     * table.
     */
    needsConfirmation: z.boolean(),
    /** Figures of the table in that metadata. */
    figures: z.object({
      /** The data files of the current snapshot; null if its summary does not say. */
      dataFileCount: count.nullable(),
      snapshotCount: count,
    }),
  })
  .register(contractSchemas, { id: 'ChangeReview' })
export type ChangeReview = z.output<typeof changeReview>

export const reviewChanges = endpoint({
  summary: 'Shows the commit that the changes would become, and which of them no longer fit',
  description: 'Changes nothing. Returns only a `problem` when another table has the name now.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/changes/review',
  permission: 'table:read',
  input: tableInput.extend({ intents: changeIntents, tableUuid: changedTableUuid }),
  output: reviewed(changeReview),
})

export const commitChanges = endpoint({
  summary: 'Commits all changes in one commit',
  description:
    'Each change names the value or the snapshot that the caller saw, so no digest of a review is sent. Fails with `commit-conflict` and changes nothing when one of them no longer fits.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/changes',
  permission: 'table:write',
  input: tableInput.extend({
    intents: changeIntents,
    tableUuid: changedTableUuid,
    /** Namespace and name of the table: needed when a branch or tag loses snapshots. */
    confirmedName: confirmedName.optional(),
    /** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string(), metadataLocation: z.string() }),
})

export const findChange = endpoint({
  summary: 'Returns the outcome of a commit to the table that the caller sent under a key',
  description:
    'Does not repeat the request. For changes, cherry-picks, publications, undos, renames and drops. A commit that was just sent may still be in progress: `not-committed` is certain once the server no longer works on it.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/changes/outcome',
  permission: 'table:read',
  input: tableInput.extend({ idempotencyKey }),
  output: writeOutcome,
})
