import * as z from 'zod'
import { endpoint } from '../endpoint'
import { run } from '../jobs'
import { newTableBlocker } from './new-tables'
import { reviewed } from '../shapes/problem'
import { contractSchemas } from '../shapes/schemas'
import {
  count,
  entryName,
  idempotencyKey,
  instantMs,
  location,
  longId,
  namespaceOnWire,
  tableAsOfInput,
} from '../shapes/wire'

/** Copying a table as it was at a snapshot into a new one. */

const target = {
  toCatalog: entryName,
  toNamespace: namespaceOnWire,
  toTable: entryName,
  /** Where its files are to be; absent: the catalog chooses. */
  location: location.optional(),
}

const CLONE_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/clones'

const cloneReview = z
  .object({
    /** The snapshot that `ref` or `at` resolves to now; null for a table without a snapshot. */
    snapshotId: longId.nullable(),
    committedAtMs: instantMs.nullable(),
    schemaId: z.int(),
    dataFileCount: count,
    equalityDeleteFileCount: count,
    positionDeleteFileCount: count,
    deletionVectorCount: count,
    /** The rows of the data files, before deletes apply. */
    rowCount: count,
    fileBytes: count,
    /** Why the state cannot be cloned. */
    problems: z.array(z.string()),
    blockers: z.array(newTableBlocker),
    /** Properties that may go along, by name. */
    settings: z.array(z.string()),
    description: z.array(z.string()),
    /** Properties that stay behind, because they belong to the source alone or grant access. */
    omitted: z.array(z.string()),
    isPartitioned: z.boolean(),
    isSorted: z.boolean(),
    /** Whether row ids stay as they are (format version 3); null in tables of versions 1 and 2. */
    keepsRowIds: z.boolean().nullable(),
  })
  .register(contractSchemas, { id: 'CloneReview' })
export type CloneReview = z.output<typeof cloneReview>

export const reviewClone = endpoint({
  summary: 'Shows what a clone of a table would copy, and why it cannot be made',
  description:
    'Copies nothing. The caller needs `table:write` on the new name, too. Returns only a `problem` when the table does not have the state.',
  method: 'POST',
  path: `${CLONE_PATH}/review`,
  permission: 'table:read',
  input: tableAsOfInput.extend(target),
  output: reviewed(cloneReview),
})

export const startClone = endpoint({
  summary: 'Queues a run that copies a table as it was at a snapshot into a new one',
  description:
    'The run copies every file of the snapshot, proves each copy by a checksum, and then creates the table with one snapshot. When the same clone waits or is in progress, its run is returned.',
  method: 'POST',
  path: CLONE_PATH,
  permission: 'table:read',
  input: tableAsOfInput.omit({ ref: true, at: true, snapshot: true }).extend({
    ...target,
    /** The snapshot of the review; null for a table without one. */
    snapshotId: longId.nullable(),
    schemaId: z.int(),
    /** Whether new files are partitioned and sorted as in the source. */
    keepsPartitioning: z.boolean(),
    keepsSortOrder: z.boolean(),
    /** Description, owner and tags, of the table and its columns. */
    keepsDescription: z.boolean(),
    /** The `settings` that the clone takes over. */
    properties: z.array(z.string().min(1).max(1000)).max(10_000),
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ run }),
})
