import { z } from 'zod'
import { expireSnapshotsShape } from '@/lib/changes/intents/intent-shape'
import { MAX_EXPIRED_SNAPSHOTS } from '@/lib/changes/intents/expire-snapshots/describe'
import { removalWindow, safetyTag } from '@/lib/changes/intents/shapes'
import { INPUT_FORMATS } from './input-formats'
import { changeIntents } from './change-intent'
import { contractSchemas } from './schemas'
import { count, entryName, instantMs, location, longId, namespaceLevels, refName } from './wire'

/** Which snapshots may expire, as a user chose it: ages count from the time of each look. */
export const expiryChoice = z.object({
  /** Snapshots from before this time may go. */
  olderThanMs: instantMs.optional(),
  /** Instead of `olderThanMs`: snapshots of this age may go. */
  maxAgeMs: z.int().min(0).optional(),
  /** How many snapshots of each branch stay in any case. */
  retainLast: z.int().min(1).max(2_147_483_647).optional(),
  /** Snapshots that go in any case, unless a branch or a tag names them. */
  snapshotIds: z.array(longId).max(MAX_EXPIRED_SNAPSHOTS).optional(),
  /** How long after the commit a job removes the files; null: never. */
  removeFilesAfterMs: removalWindow.optional(),
})

/**
 * An action on a table that a request may propose. All but `change-table` store the goal, not the resulting changes:
 * those are computed from the current table at each review.
 */
export const requestedAction = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('change-table'), intents: changeIntents }),
    expiryChoice.extend({ kind: z.literal('expire') }),
    z.object({
      kind: z.literal('publish'),
      snapshotId: longId,
      /** The branch whose tip it is; null for a staged snapshot. */
      branch: refName.nullable(),
    }),
    z.object({ kind: z.literal('cherry-pick'), snapshotId: longId, branch: refName }),
    z.object({
      kind: z.literal('undo'),
      /** The entry of the history that is undone. */
      auditId: z.string().min(1).max(64),
      /** The undone action, as the history names it: `set-properties`, `roll-back` … */
      undone: z.string().min(1).max(100),
      /** On the tip of `main`, if `main` loses snapshots. */
      safetyTag,
    }),
    z.object({
      kind: z.literal('undo-expiry'),
      /** The entry of the history that expired the snapshots. */
      auditId: z.string().min(1).max(64),
      /** Where the catalog cannot put metadata back: the name of the table that gets the snapshots. Null elsewhere. */
      newName: entryName.nullable(),
    }),
    z.object({
      kind: z.literal('rename'),
      /** The levels of the namespace that the table moves to, or is in. */
      toNamespace: namespaceLevels,
      toTable: entryName,
    }),
    z.object({
      kind: z.literal('drop'),
      /** Whether its files are removed for good. */
      isPurge: z.boolean(),
    }),
    // The run decides itself which files differ from the settings when it starts.
    z.object({ kind: z.literal('rewrite-files') }),
  ])
  .register(contractSchemas, { id: 'RequestedAction' })
export type RequestedAction = z.output<typeof requestedAction>

/**
 * A load of a file. Only the command line proposes it: a request could name any file of the server. The run loads the
 * file only if it is still the one that was proposed.
 */
const proposedLoad = z.object({
  kind: z.literal('load'),
  /** A file that workers read, or one in the store of the warehouse. */
  input: location,
  format: z.enum(INPUT_FORMATS),
  /** Whether columns that the table does not have are skipped. */
  ignoreExtra: z.boolean(),
  /** How many rows that do not fit are skipped. */
  maxRejectedRows: z.int().min(0),
  sizeBytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type ProposedLoad = z.output<typeof proposedLoad>

export const proposedAction = z
  .discriminatedUnion('kind', [...requestedAction.options, proposedLoad])
  .register(contractSchemas, { id: 'ProposedAction' })
export type ProposedAction = z.output<typeof proposedAction>

/** The dropped version, whose review was shown. */
export const reviewedDrop = z.object({
  kind: z.literal('drop'),
  metadataLocation: location,
})

/**
 * The review that the committing user saw. Anything else is a conflict. An undo, also of an expiry, needs none,
 * because its entry says all; nor does a rename, which has nothing but the new name, a rewrite of files, or a load, whose
 * file is named by its digest.
 */
export const reviewedAction = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('change-table'),
      /** The digest of the review that was shown. */
      requestDigest: z.string().max(100),
    }),
    z.object({
      kind: z.literal('expire'),
      /** When the dry run was made: ages count from it. */
      nowMs: instantMs,
      /** The snapshots and refs that the review showed as expiring. */
      intent: expireSnapshotsShape,
    }),
    z.object({
      kind: z.literal('publish'),
      /** Where `main` was. */
      mainSnapshotId: longId,
    }),
    z.object({
      kind: z.literal('cherry-pick'),
      /** Where the branch was; null when it had no snapshot. */
      tipSnapshotId: longId.nullable(),
      /** Says that the branch does not have the rows, where its history no longer shows it. False if left out. */
      allowsUnknownAncestry: z.boolean().optional(),
    }),
    reviewedDrop,
  ])
  .register(contractSchemas, { id: 'ReviewedAction' })
export type ReviewedAction = z.output<typeof reviewedAction>
