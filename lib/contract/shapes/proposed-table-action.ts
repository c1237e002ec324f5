import * as z from 'zod'
import { expireSnapshotsShape } from '@/lib/changes/intents/intent-shape'
import { MAX_EXPIRED_SNAPSHOTS } from '@/lib/changes/intents/expire-snapshots/describe'
import { removalWindow, safetyTag } from '@/lib/changes/intents/shapes'
import { changeIntents } from './change-intent'
import { locationFile, MAX_FILE_NAME_CHARS, MAX_LOADED_FILES, proposedLoadOptions } from './load-options'
import { contractSchemas } from './schemas'
import { count, entryName, idText, instantMs, location, longId, namespaceLevels, refName } from './wire'

/** A filter of rows that is stored with a proposal. */
const MAX_PROPOSED_WHERE_CHARS = 65_536

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
    z.object({
      kind: z.literal('delete-rows'),
      /** A filter as JSON with the ids of its columns is the same after a column is renamed; text has names. */
      where: z.string().min(1).max(MAX_PROPOSED_WHERE_CHARS),
      /** Null: `main`. */
      branch: refName.nullable(),
    }),
    z.object({
      kind: z.literal('load-uploads'),
      /** Complete uploads of the proposer for this table, in the order in which they are read. */
      uploads: z
        .array(
          z.object({
            uploadId: idText,
            /** Both are those of the upload: they are sent so that a proposal shows what its proposer saw. */
            fileName: z.string().min(1).max(MAX_FILE_NAME_CHARS),
            sizeBytes: count,
          }),
        )
        .min(1)
        .max(MAX_LOADED_FILES),
      ...proposedLoadOptions,
      /** The run whose rejected rows the uploads have, corrected. */
      correctsRun: idText.optional(),
    }),
  ])
  .register(contractSchemas, { id: 'RequestedAction' })
export type RequestedAction = z.output<typeof requestedAction>
/** A load of files that a user uploaded. */
export type ProposedUploads = Extract<RequestedAction, { kind: 'load-uploads' }>

const proposedFile = z.object({
  /** A file that workers read, one in the store of the warehouse, or one of a load location. */
  input: z.union([location, locationFile]),
  sizeBytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type ProposedFile = z.output<typeof proposedFile>

/**
 * A load of files. Only the command line proposes it: a request could name any file of the server, and the digests are
 * those of whole files. The run loads each file only if it is still the one that was proposed.
 */
const proposedLoad = proposedFile.extend({
  kind: z.literal('load'),
  /** The files after the first one, in the order in which they are read. */
  otherFiles: z
    .array(proposedFile)
    .max(MAX_LOADED_FILES - 1)
    .optional(),
  ...proposedLoadOptions,
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
 * because its entry says all; nor does a rename, which has nothing but the new name, a rewrite of files, a deletion of rows, whose filter says all, or a load, whose
 * file is named by its digest, or whose uploads cannot change.
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
