import * as z from 'zod'
import { changeIntent } from '../shapes/change-intent'
import { endpoint } from '../endpoint'
import { commitRequest } from '../shapes/commit-request'
import { refOnWire } from '../shapes/iceberg-shapes'
import { reviewed } from '../shapes/problem'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs, intInQuery, longId, refName, tableAsOfInput, tableInput } from '../shapes/wire'

const limit = z.int().nullable()

/** A branch or a tag. Limits that are null follow the properties of the table. */
export const refDetail = refOnWire
  .extend({
    snapshotId: longId,
    /** The commit time of its snapshot; null when the table does not have the snapshot. */
    committedAtMs: instantMs.nullable(),
    /** Snapshots that it has and `main` does not; null when the table has no `main`, or when it is not known because snapshots have expired. */
    aheadCount: count.nullable(),
    /** Snapshots that `main` has and it does not; null as `aheadCount`. */
    behindCount: count.nullable(),
    minSnapshotsToKeep: limit,
    maxSnapshotAgeMs: limit,
    maxRefAgeMs: limit,
  })
  .register(contractSchemas, { id: 'RefDetail' })
export type RefDetail = z.output<typeof refDetail>

export const listRefs = endpoint({
  summary: 'Lists the branches and tags of a table: `main` first, then branches, then tags, newest first',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/refs',
  permission: 'table:read',
  input: tableInput.extend({
    /** Lists only the ref of this name. */
    name: refName.optional(),
    offset: intInQuery.optional(),
  }),
  output: z.object({ totalCount: count, refs: z.array(refDetail).max(500), nextOffset: z.int().nullable() }),
})

/** The four columns of a row in the impact table: current value, removed, restored, value after. Null: unknown. */
const impactRow = z.object({
  now: count.nullable(),
  removed: count.nullable(),
  restored: count.nullable(),
  after: count.nullable(),
})

/** Figures of the difference that another snapshot makes for readers of a branch. */
export const impactFigures = {
  rows: impactRow,
  dataFiles: impactRow,
  deleteFiles: impactRow,
  bytes: impactRow,
  currentSchemaId: z.int(),
  targetSchemaId: z.int().nullable(),
  /** Columns of the table's schema that the other snapshot was written without. They read as null. */
  missingColumns: z.array(z.string()),
}

export const refMoveImpact = z
  .object({
    /** The branch, or the tag, that moves. */
    branch: z.string(),
    type: refOnWire.shape.type,
    fromSnapshotId: longId,
    fromCommittedAtMs: instantMs,
    toSnapshotId: longId,
    toCommittedAtMs: instantMs,
    ...impactFigures,
    /** Why the files of the current snapshot cannot be counted, in a sentence; null if they can. */
    currentFilesProblem: z.string().nullable(),
    /** How many snapshots a branch loses. */
    removedSnapshotCount: count,
    /** How many snapshots a branch gains: 0 when it is rolled back. */
    addedSnapshotCount: count,
    /** Branches and tags that do not move. */
    otherRefs: z.array(refOnWire),
    /** Snapshots that no ref except the safety tag reaches after the move. */
    unreferencedSnapshotIds: z.array(longId),
    /** When those may be expired, by the table's retention; null when there are none. */
    unreferencedExpireAtMs: instantMs.nullable(),
    /** The exact Iceberg REST request: its path, and its body as indented JSON text. */
    request: commitRequest,
  })
  .register(contractSchemas, { id: 'RefMoveImpact' })
export type RefMoveImpact = z.output<typeof refMoveImpact>

/** A tag on the current tip of the branch, as text in a query. */
export const safetyTagInQuery = {
  safetyTagName: refName.optional(),
  /** How long an expiry must keep the tag; forever if it is left out. */
  safetyTagMaxRefAgeMs: intInQuery.optional(),
}

/** The tag of these fields; null without a name. */
export function safetyTagFromQuery(fields: {
  safetyTagName?: string | undefined
  safetyTagMaxRefAgeMs?: number | undefined
}) {
  const { safetyTagName: name, safetyTagMaxRefAgeMs: maxRefAgeMs = null } = fields
  return name === undefined ? null : { name, maxRefAgeMs }
}

export const safetyTag = z.object({
  name: refName,
  maxRefAgeMs: z.int().positive().nullable(),
})

const refMovePreview = z
  .object({
    intent: changeIntent,
    impact: refMoveImpact,
    /** Whether snapshots are lost, so that the commit needs the name of the table. */
    needsConfirmation: z.boolean(),
  })
  .register(contractSchemas, { id: 'RefMovePreview' })
export type RefMovePreview = z.output<typeof refMovePreview>

export const previewRefMove = endpoint({
  summary: 'Shows what moving a branch or a tag to a ref, a snapshot or a time would remove and restore',
  description:
    'Changes nothing. Commit the intent that it returns with `commitChanges`: the commit is rejected if the branch has moved since. Returns a `problem` when the table does not have the ref, the snapshot or the time, and when the ref is there already.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/refs/move',
  permission: 'table:read',
  input: tableAsOfInput.extend({ branch: refName, ...safetyTagInQuery }),
  output: reviewed(refMovePreview),
})

/**
 * Figures of a set of snapshots: rows of their data files before deletes apply, and the bytes of data and delete files.
 */
const reachedFigures = z.object({ snapshots: count, rows: count, dataFiles: count, deleteFiles: count, bytes: count })

/** `unreferenced`: what only the snapshots have that no ref would reach; `retained`: what all other snapshots have. */
const droppedRefFigures = z.object({ retained: reachedFigures, unreferenced: reachedFigures })
export type LeftBehind = z.output<typeof droppedRefFigures>

const refDropPreview = z
  .object({
    intent: changeIntent,
    snapshotId: longId,
    /** Branches and tags that stay. */
    otherRefs: z.array(refOnWire),
    /** Snapshots that no ref except the safety tag reaches after the removal. */
    unreferencedSnapshotIds: z.array(longId),
    /** When those may be expired, by the table's retention; null when there are none, or never. */
    unreferencedExpireAtMs: instantMs.nullable(),
    /** Null when no snapshot is left behind, or when the table has too many snapshots to count their files. */
    figures: droppedRefFigures.nullable(),
    /** Whether snapshots are left behind, so that the commit needs the name of the table. */
    needsConfirmation: z.boolean(),
    request: commitRequest,
  })
  .register(contractSchemas, { id: 'RefDropPreview' })
export type RefDropPreview = z.output<typeof refDropPreview>

export const previewRefDrop = endpoint({
  summary: 'Shows what removing a branch or a tag would leave behind',
  description:
    'Changes nothing. Commit the intent that it returns with `commitChanges`: the commit is rejected if the ref has moved since. Returns a `problem` when the table does not have the ref, and for `main`, which cannot be removed.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/refs/drop',
  permission: 'table:read',
  input: tableInput.extend({ refName, ...safetyTagInQuery }),
  output: reviewed(refDropPreview),
})

const limitInQuery = intInQuery.optional()

const refRetentionPreview = z
  .object({
    snapshotId: longId,
    committedAtMs: instantMs,
    schemaId: z.int().nullable(),
    rowCount: count,
    dataFileCount: count,
    deleteFileCount: count,
    sizeBytes: count,
    /**
     * The result of an expiry at this moment. Null when a setting of the table is invalid, so that no expiry can run.
     */
    expiry: z
      .object({
        retainedSnapshotsNow: count,
        retainedSnapshotsAfter: count,
        expirableSnapshotsNow: count,
        expirableSnapshotsAfter: count,
        /** When an expiry may remove the ref itself; null: never. */
        refRetainedUntilMs: instantMs.nullable(),
      })
      .nullable(),
  })
  .register(contractSchemas, { id: 'RefRetentionPreview' })
export type RefRetentionPreview = z.output<typeof refRetentionPreview>

export const previewRefRetention = endpoint({
  summary: 'Shows the snapshot of a branch or a tag, and the snapshots it would keep with a retention',
  description:
    'Changes nothing. Without `refName` the ref is a new one at the snapshot. Returns a `problem` when the table does not have the ref or the snapshot.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/refs/retention',
  permission: 'table:read',
  input: tableInput.extend({
    refName: refName.optional(),
    type: refOnWire.shape.type,
    snapshotId: longId,
    /** Limits that are left out follow the properties of the table. */
    minSnapshotsToKeep: limitInQuery,
    maxSnapshotAgeMs: limitInQuery,
    maxRefAgeMs: limitInQuery,
  }),
  output: reviewed(refRetentionPreview),
})
