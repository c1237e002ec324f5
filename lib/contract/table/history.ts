import * as z from 'zod'
import { endpoint } from '../endpoint'
import { actingClient } from '../shapes/acting-client'
import { changeSource } from '../shapes/change-origin'
import { changeIntent } from '../shapes/change-intent'
import { describedChange } from '../shapes/described-change'
import { commitRequest } from '../shapes/commit-request'
import { MAX_URL_TEXT_CHARS } from '../shapes/limits'
import { reviewed } from '../shapes/problem'
import { contractSchemas } from '../shapes/schemas'
import { refMoveImpact, safetyTag, safetyTagInQuery } from './refs'
import { confirmedName, idempotencyKey, instantMs, longId, tableInput } from '../shapes/wire'

/**
 * One entry of a table's history: an action in this console, an action of a client over its REST catalog, or a commit
 * known only from the metadata.
 */
export const historyEntry = z
  .object({
    /** The id of the audit row; null for a commit that was made outside the console and its catalog. */
    auditId: z.string().nullable(),
    atMs: instantMs,
    /** The user, or the writer that the snapshot names; null if neither is known. */
    actor: z.string().nullable(),
    source: changeSource,
    /** The kind of the run, if the source is a job. */
    job: z.string().nullable(),
    /** The engine: what it calls itself, null if unknown, and the name of the user's token that it used. */
    via: actingClient.nullable(),
    /** `append`, `set-properties`, `roll-back` … */
    action: z.string(),
    snapshotId: longId.nullable(),
    /** The snapshots that the commit added, oldest first: PyIceberg overwrites with two, a delete and an append. */
    snapshots: z.array(z.object({ snapshotId: longId, operation: z.string() })).max(100),
    changes: z.array(describedChange),
    /** The snapshot that the action published, and the saved checks that had passed on it; null for other actions. */
    published: z.object({ snapshotId: longId, passedChecks: z.array(z.string()) }).nullable(),
    /**
     * The outcome found later when the catalog of a connection never reported it; null when it reported it. Only
     * `committed` changed the table for certain.
     */
    outcome: z.enum(['committed', 'not-committed', 'unknown']).nullable(),
    /** The proposal that was made, decided or committed. */
    proposal: z.object({ proposalId: z.string(), title: z.string(), proposedBy: z.string() }).nullable(),
    /**
     * Whether *Undo* may be offered: no later commit changed the same target, a move of `main` was the last one, and the
     * table can be changed. The undo refuses all others.
     */
    isUndoable: z.boolean(),
    /**
     * Why not; null if it is undoable. `undone`: a later entry undid it; `no-reverse`: a change of its kind has no undo;
     * `changed-since`: a later commit changed the same target; `too-late`: an expiry whose snapshots may have lost files,
     * or that later commits followed, or a value that only a deleted metadata file had; `read-only`: the catalog or the
     * format version of the table allows no commit; `not-recorded`: the audit has no entry of the commit.
     */
    undoBlocker: z
      .enum(['undone', 'not-committed', 'no-reverse', 'changed-since', 'too-late', 'read-only', 'not-recorded'])
      .nullable(),
    /** Whether snapshots expired. `undoExpiry` undoes it, and `undoAction` everything else. */
    isExpiry: z.boolean(),
  })
  .register(contractSchemas, { id: 'HistoryEntry' })
export type HistoryEntry = z.output<typeof historyEntry>
export type UndoBlocker = NonNullable<HistoryEntry['undoBlocker']>

export const listHistory = endpoint({
  summary: 'Lists commits and audited actions of a table, newest first',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/history',
  permission: 'table:read',
  input: tableInput.extend({ before: z.string().max(MAX_URL_TEXT_CHARS).optional() }),
  output: z.object({ entries: z.array(historyEntry).max(500), nextBefore: z.string().nullable() }),
})

const undoInput = tableInput.extend({ auditId: z.string().min(1).max(64) })

const undoPreview = z
  .object({
    /** The action that would be undone. */
    action: z.string(),
    /** Properties now and after the undo; null: not set. */
    properties: z.array(z.object({ name: z.string(), now: z.string().nullable(), after: z.string().nullable() })),
    /** The other intents of the undo. */
    intents: z.array(changeIntent),
    /** Null when no branch would move. */
    impact: refMoveImpact.nullable(),
    /**
     * Whether a branch or a tag would lose snapshots: only then the name of the table has to be confirmed, and a safety
     * tag is of use.
     */
    needsConfirmation: z.boolean(),
    /** The exact Iceberg REST request with the same safety tag: its path, and its body as indented JSON text. */
    request: commitRequest,
  })
  .register(contractSchemas, { id: 'UndoPreview' })
export type UndoPreview = z.output<typeof undoPreview>

export const previewUndo = endpoint({
  summary: 'Shows what undoing an audited action would change',
  description:
    'Changes nothing. Returns a `problem` when the table has no such entry, when the entry cannot be undone, and when a later commit changed the same target.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/history/:auditId/undo',
  permission: 'table:read',
  input: undoInput.extend(safetyTagInQuery),
  output: reviewed(undoPreview),
})

export const undoAction = endpoint({
  summary: 'Reverts an audited action, unless a later commit changed the same target',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/history/:auditId/undo',
  permission: 'table:maintain',
  input: undoInput.extend({
    /** Namespace and table as in the header, typed by the user; required when a branch or a tag loses snapshots. */
    confirmedName: confirmedName.optional(),
    /** A tag on the tip that the undo leaves: of `main` if it leaves its tip, otherwise of the first ref that does. */
    safetyTag: safetyTag.nullable().optional(),
    /** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string(), metadataLocation: z.string(), snapshotId: longId.nullable() }),
})
