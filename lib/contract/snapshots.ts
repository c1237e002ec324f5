import { z } from 'zod'
import { endpoint } from './endpoint'
import { refOnWire } from './shapes/iceberg-shapes'
import { commitRequest } from './shapes/commit-request'
import { contractSchemas } from './shapes/schemas'
import { count, instantMs, intInQuery, longId, tableInput } from './shapes/wire'

/** Numbers of a commit; null if its summary does not have them. */
const delta = z.object({ added: count.nullable(), removed: count.nullable() })

export const snapshot = z
  .object({
    snapshotId: longId,
    parentSnapshotId: longId.nullable(),
    sequenceNumber: z.int(),
    committedAtMs: instantMs,
    /** Iceberg's `append`, `replace`, `overwrite`, `delete`, or what the writer stored. */
    operation: z.string(),
    /** Engine and version from the summary; null if it has none. */
    writer: z.string().nullable(),
    schemaId: z.int().nullable(),
    summary: z.record(z.string(), z.string()),
    refs: z.array(refOnWire),
    /** Whether it is an ancestor of `main`, so that `main` can be rolled back to it. */
    isOnMain: z.boolean(),
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
  }),
  output: z.object({
    mainSnapshotId: longId.nullable(),
    totalCount: count,
    snapshots: z.array(snapshot).max(1000),
    nextOffset: z.int().nullable(),
  }),
})

/** The four columns of a row in the impact table: current value, removed, restored, value after. Null: unknown. */
const impactRow = z.object({
  now: count.nullable(),
  removed: count.nullable(),
  restored: count.nullable(),
  after: count.nullable(),
})

export const rollbackImpact = z
  .object({
    fromSnapshotId: longId,
    fromCommittedAtMs: instantMs,
    toSnapshotId: longId,
    toCommittedAtMs: instantMs,
    rows: impactRow,
    dataFiles: impactRow,
    deleteFiles: impactRow,
    bytes: impactRow,
    schemaNow: z.int(),
    schemaThen: z.int().nullable(),
    /** Columns of the table's schema that the older snapshot was written without. They read as null. */
    columnsThenNull: z.array(z.string()),
    /** How many snapshots `main` loses. */
    stepCount: count,
    /** How many snapshots `main` gains: 0 for a rollback; more when a rollback is undone. */
    stepCountForward: count,
    /** Branches and tags that do not move. */
    otherRefs: z.array(refOnWire),
    /** Snapshots that no ref except the safety tag reaches after the rollback. */
    unreachedSnapshotIds: z.array(longId),
    /** When those may be expired, by the table's retention; null when there are none. */
    unreachedExpireAtMs: instantMs.nullable(),
    /** The exact Iceberg REST request: its path, and its body as indented JSON text. */
    request: commitRequest,
  })
  .register(contractSchemas, { id: 'RollbackImpact' })
export type RollbackImpact = z.output<typeof rollbackImpact>

const rollbackFields = { toSnapshotId: longId }

/** A tag on the current tip of `main`, as text in a query. */
export const safetyTagInQuery = {
  safetyTagName: z.string().min(1).max(200).optional(),
  /** How long an expiry must keep the tag; forever if it is left out. */
  safetyTagMaxRefAgeMs: intInQuery.optional(),
}

export const safetyTag = z.object({
  name: z.string().min(1).max(200),
  maxRefAgeMs: z.int().positive().nullable(),
})

export const previewRollback = endpoint({
  summary: 'Shows what rolling `main` back to an ancestor would remove and restore',
  description: 'Changes nothing.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/rollback',
  permission: 'table:read',
  input: tableInput.extend({ ...rollbackFields, ...safetyTagInQuery }),
  output: rollbackImpact,
})

export const rollBack = endpoint({
  summary: 'Moves `main` back to one of its ancestors, if its tip is still the one that the caller saw',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/rollback',
  permission: 'table:maintain',
  input: tableInput.extend({
    ...rollbackFields,
    fromSnapshotId: longId,
    /** Namespace and table as in the header, typed by the user. */
    confirmedName: z.string(),
    safetyTag: safetyTag.nullable(),
  }),
  output: z.object({ auditId: z.string(), snapshotId: longId }),
})
