import * as z from 'zod'
import { engineScripts } from '../shapes/engine-scripts'
import { endpoint } from '../endpoint'
import { impactFigures } from './refs'
import { commitRequest } from '../shapes/commit-request'
import { refOnWire } from '../shapes/iceberg-shapes'
import { reviewed } from '../shapes/problem'
import { contractSchemas } from '../shapes/schemas'
import { idempotencyKey, instantMs, longId, refName, tableInput } from '../shapes/wire'

const PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/cherry-picks'

export const cherryPickReview = z
  .object({
    branch: z.string(),
    /** The tip of the branch that the figures are of; null when the branch has no snapshot. */
    tip: z.object({ snapshotId: longId, committedAtMs: instantMs }).nullable(),
    snapshotId: longId,
    committedAtMs: instantMs,
    operation: z.string(),
    /** The id under which the writer staged it, to be audited before readers see it. */
    wapId: z.string().nullable(),
    /** Whether the branch moves to the snapshot itself, or gets its changes as a new snapshot. */
    kind: z.enum(['fast-forward', 'replay']),
    ...impactFigures,
    /**
     * Whether the branch may have had the changes in commits that have expired. Its data files do not show that when a
     * rewrite has put the rows into others since: compare the two before you commit. The commit is then refused
     * without `allowsUnknownAncestry`.
     */
    isHistoryExpired: z.boolean(),
    /** Branches and tags that do not move. */
    otherRefs: z.array(refOnWire),
    /** Null for a replay, whose manifest list is written when it is committed. */
    request: commitRequest.nullable(),
    scripts: engineScripts,
  })
  .register(contractSchemas, { id: 'CherryPickReview' })
export type CherryPickReview = z.output<typeof cherryPickReview>

export const reviewCherryPick = endpoint({
  summary: 'Shows what cherry-picking a snapshot onto a branch would change',
  description:
    'Changes nothing. Returns a `problem` when the table does not have the snapshot or the branch, when the branch has the changes already, by their ids or as data files that are live on it, when the partitions that the snapshot replaces have changed since, and for a snapshot that cannot be picked. The branch is `main` if it is left out.',
  method: 'GET',
  path: PATH,
  permission: 'table:read',
  input: tableInput.extend({ snapshotId: longId, branch: refName.optional() }),
  output: reviewed(cherryPickReview),
})

export const commitCherryPick = endpoint({
  summary: 'Cherry-picks a snapshot onto a branch: moves it there from its parent, or makes its changes again',
  description:
    'Fails with `commit-conflict` and changes nothing when the branch is no longer at `tipSnapshotId`, or has the changes already, by their ids or as data files that are live on it. It also fails with `commit-conflict` when expired commits may have held these changes, unless `allowsUnknownAncestry` confirms that the branch does not have the rows.',
  method: 'POST',
  path: PATH,
  permission: 'table:maintain',
  input: tableInput.extend({
    snapshotId: longId,
    branch: refName.optional(),
    /** Where the branch was in the review; null when it had no snapshot. */
    tipSnapshotId: longId.nullable(),
    /**
     * Says that the branch does not have the rows, where the review cannot know it (`isHistoryExpired`). False if left
     * out.
     */
    allowsUnknownAncestry: z.boolean().optional(),
    /** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string(), metadataLocation: z.string(), snapshotId: longId.nullable() }),
})
