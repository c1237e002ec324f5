import * as z from 'zod'
import { endpoint } from '../endpoint'
import { run } from '../jobs'
import { reviewed } from '../shapes/problem'
import { contractSchemas } from '../shapes/schemas'
import { confirmedName, count, idempotencyKey, longId, refName, tableInput } from '../shapes/wire'
import { whereOnWire } from './scan'

const PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/row-deletions'

export const rowDeletionReview = z
  .object({
    /** The filter with the current names of its columns. */
    where: z.string(),
    branch: z.string(),
    /** The tip of the branch that the figures are of; null when it has no snapshot. */
    snapshotId: longId.nullable(),
    /** How rows are removed from files that have others, too: by delete files, or by writing the others again. */
    mode: z.enum(['merge-on-read', 'copy-on-write']),
    deleteFormat: z.enum(['position-deletes', 'deletion-vectors']),
    /** Data files whose metadata proves that all of their rows match. */
    wholeFileCount: count,
    wholeFileBytes: count,
    wholeRowCount: count,
    /** Data files that may have rows that match, and how many of them were read. */
    candidateFileCount: count,
    readFileCount: count,
    /** The files that were read and have rows that match, and these rows. */
    matchingFileCount: count,
    matchingFileBytes: count,
    matchingRowCount: count,
    /** Whether everything was counted. Otherwise the figures are what was found within the time of a review. */
    isComplete: z.boolean(),
  })
  .register(contractSchemas, { id: 'RowDeletionReview' })
export type RowDeletionReview = z.output<typeof rowDeletionReview>

const filterInput = tableInput.extend({
  /** As in the Data tab, such as `delay > 60 and origin in ("ABQ", "SFO")`, or JSON of an `Expression` of Iceberg's REST catalog, whose columns may be named by their ids. */
  where: whereOnWire,
  /** `main` if left out. */
  branch: refName.optional(),
})

export const reviewRowDeletion = endpoint({
  summary: 'Shows which rows and files a deletion by a filter would remove',
  description:
    'Changes nothing. Reads the columns of the filter in the data files that may have rows that match, within 5 seconds; files of which metadata proves that all rows match, or none, are not read. Returns a `problem` when the table does not have the branch or a column of the filter.',
  method: 'POST',
  path: `${PATH}/review`,
  permission: 'table:read',
  input: filterInput,
  output: reviewed(rowDeletionReview),
})

export const startRowDeletion = endpoint({
  summary: 'Queues a run that deletes the rows that match a filter, as one snapshot',
  description:
    'The filter is stored with the ids of its columns. The run removes data files of which all rows match, and removes the rows of the others by deletes or by writing the other rows again, as `write.delete.mode` says. It is planned again when another writer adds rows that match, or changes these files.',
  method: 'POST',
  path: PATH,
  permission: 'table:write',
  input: filterInput.extend({
    /** Namespace and name of the table. */
    confirmedName: confirmedName.optional(),
    /** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ run }),
})
