import * as z from 'zod'
import { changeIntent } from '../shapes/change-intent'
import { endpoint } from '../endpoint'
import { run } from '../jobs'
import { commitRequest } from '../shapes/commit-request'
import { refOnWire } from '../shapes/iceberg-shapes'
import { expiryChoice } from '../shapes/proposed-table-action'
import { reviewed } from '../shapes/problem'
import { contractSchemas } from '../shapes/schemas'
import { count, entryName, idempotencyKey, instantMs, longId, tableInput } from '../shapes/wire'

/** How long the files of expired snapshots stay, unless a user chooses another time. */
export const DEFAULT_REMOVAL_WINDOW_MS = 24 * 60 * 60 * 1000

/**
 * Criteria of an expiry. Without any of them the properties of the table decide; refs with limits of their own keep to
 * those.
 */
const expiryCriteria = z.object({
  /** When this was decided: ages count from it. */
  nowMs: instantMs,
  ...expiryChoice.omit({ maxAgeMs: true, removeFilesAfterMs: true }).shape,
})
export type ExpiryCriteria = z.output<typeof expiryCriteria>

/** Files that are counted for the first group which reaches them. */
const expiryFigures = z.object({
  snapshots: count,
  manifestLists: count,
  manifests: count,
  dataFiles: count,
  deleteFiles: count,
  statisticsFiles: count,
  dataBytes: count,
  metadataBytes: count,
  /** Files whose sizes no metadata says: they are not in the bytes. */
  unsizedFiles: count,
})
export type ExpiryFigures = z.output<typeof expiryFigures>

/**
 * Files that `main` needs, that other branches, tags and young snapshots need in addition, and that the expiry frees.
 */
export const expiryFiles = z
  .object({
    main: expiryFigures,
    others: expiryFigures,
    removed: expiryFigures,
    /**
     * Part of `removed`: files outside the table's own folders, or in those of other tables within them. The removal
     * leaves them, because another table may use them.
     */
    retained: z.object({ fileCount: count, sizeBytes: count }),
    /**
     * Part of `retained`: files in folders of other tables within this table's. Null when only the removal finds that out:
     * the catalog cannot say where its tables are, so the removal reads them all first.
     */
    nested: z.object({ fileCount: count, sizeBytes: count }).nullable(),
  })
  .register(contractSchemas, { id: 'ExpiryFiles' })
export type ExpiryFiles = z.output<typeof expiryFiles>

/** Numbers of snapshots. */
const retainedAndRemoved = z.object({ main: count, others: count, removed: count })

const EXPIRIES_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/expiries'
const COUNTS_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/expiry-counts'

const expiryPreview = z
  .object({
    /** Null when the expiry would remove nothing. */
    intent: changeIntent.nullable(),
    /** As they were applied, with the times that follow from ages. */
    criteria: expiryCriteria,
    snapshots: retainedAndRemoved,
    /** All snapshots, oldest first, in at most 40 groups of neighbours in time; most tables have one in each group. */
    timeline: z
      .array(
        z.object({
          fromMs: instantMs,
          toMs: instantMs,
          ...retainedAndRemoved.shape,
          /** Branches and tags whose snapshot is one of them, and that stay; at most 3 are named. */
          refs: z.array(refOnWire).max(3),
        }),
      )
      .max(40),
    refs: z.array(refOnWire.extend({ isRemoved: z.boolean() })),
    /**
     * The earliest time that a query of `main` can go back to, before and after the expiry; null when the table has
     * none.
     */
    timeTravelFromMs: z.object({ now: instantMs.nullable(), after: instantMs.nullable() }),
    /** Null when counting takes longer, files cannot be read, or the expiry would remove nothing. */
    files: expiryFiles.nullable(),
    /** Why the files cannot be read, and therefore not be counted or removed; null when they can. */
    filesProblem: z.string().nullable(),
    /** The programs that lately planned a scan of a snapshot that goes, as they reported; the newest first. */
    readers: z.array(z.object({ reader: z.string(), snapshotId: longId, atMs: instantMs })).max(5),
    request: commitRequest.nullable(),
    /** The namespace whose policy demands that another user commits; null: none does. */
    requiredBy: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'ExpiryPreview' })
export type ExpiryPreview = z.output<typeof expiryPreview>

export const previewExpiry = endpoint({
  summary: 'Shows which snapshots, refs and files an expiry would remove',
  description:
    'Changes nothing. Commit the intent that it returns with `commitChanges`: the commit is rejected if any branch or tag has moved since. Files are counted over every branch and tag within two seconds; `startExpiryCount` takes the time it needs. Returns a `problem` when the table does not have a named snapshot, when a branch or a tag names it, and while the table forbids expiries.',
  method: 'POST',
  path: `${EXPIRIES_PATH}/preview`,
  permission: 'table:read',
  input: tableInput.extend(expiryChoice.shape),
  output: reviewed(expiryPreview),
})

/** The most files of an expiry that are listed. */
export const MAX_LISTED_EXPIRY_FILES = 200

/** The files that go, without the files that the removal leaves. */
export const expiryFileList = z
  .object({
    /** All files that go, including the files that are not listed. */
    fileCount: count,
    /** The first of them, in the order of their locations. */
    files: z
      .array(
        z.object({
          kind: z.enum([
            'data',
            'position-deletes',
            'equality-deletes',
            'deletion-vectors',
            'manifest',
            'manifest-list',
            'statistics',
          ]),
          location: z.string(),
          /** Null if no metadata says it. */
          sizeBytes: count.nullable(),
        }),
      )
      .max(MAX_LISTED_EXPIRY_FILES),
  })
  .register(contractSchemas, { id: 'ExpiryFileList' })
export type ExpiryFileList = z.output<typeof expiryFileList>

export const listExpiryFiles = endpoint({
  summary: 'Lists the files that an expiry would remove',
  description: `Changes nothing. The input is the \`criteria\` of a dry run. The files are reached only by the expired snapshots, over every branch and tag, and do not include the ones that the removal leaves. Returns their count, and the first ${MAX_LISTED_EXPIRY_FILES} in the order of their locations. Reading ends after two seconds; \`startExpiryCount\` takes the time it needs, and lists them too.`,
  method: 'POST',
  path: `${EXPIRIES_PATH}/files`,
  permission: 'table:read',
  input: tableInput.extend(expiryCriteria.shape),
  /** Null when reading takes longer. */
  output: z.object({ list: expiryFileList.nullable() }),
})

export const startExpiryCount = endpoint({
  summary: 'Queues a run that counts the files an expiry would remove',
  description: 'The run changes nothing. If a count of the same expiry waits or is in progress, that run is returned.',
  method: 'POST',
  path: COUNTS_PATH,
  permission: 'table:read',
  input: tableInput.extend(expiryCriteria.shape),
  output: z.object({ run }),
})

export const getExpiryCount = endpoint({
  summary: 'Returns the files of an expiry that a run has counted and listed',
  method: 'GET',
  path: `${COUNTS_PATH}/:run`,
  permission: 'table:read',
  input: tableInput.extend({ run: z.string().min(1).max(64) }),
  output: z.object({
    run,
    /** Null until the run has succeeded. */
    files: expiryFiles.nullable(),
    /** Null until then, too. */
    list: expiryFileList.nullable(),
  }),
})

/** An expiry of the table that a user made here, and what became of its files. */
export const expiry = z
  .object({
    auditId: z.string(),
    atMs: instantMs,
    actor: z.string(),
    snapshotCount: count,
    /** As counted before the commit; null when that took too long. */
    fileCount: count.nullable(),
    sizeBytes: count.nullable(),
    /** The run that removes the files; null when they stay. */
    removal: run.nullable(),
    /** Why it cannot be undone; null: it can. */
    undoProblem: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'Expiry' })
export type Expiry = z.output<typeof expiry>

export const listExpiries = endpoint({
  summary: 'Lists the latest expiries of a table whose files are still to be removed, or that can be undone',
  method: 'GET',
  path: EXPIRIES_PATH,
  permission: 'table:read',
  input: tableInput,
  output: z.object({ expiries: z.array(expiry).max(20) }),
})

const undoInput = tableInput.extend({ auditId: z.string().min(1).max(64) })

const expiryUndoPreview = z
  .object({
    /** The metadata from before is put back as the next version, or registered as a table of another name. */
    method: z.enum(['restore', 'register']),
    problem: z.string().nullable(),
    snapshotCount: count,
    /** The metadata file from before. */
    metadataLocation: z.string(),
    /** The run that would be cancelled. */
    removal: run.nullable(),
    /** The namespace whose policy demands that another user commits; null: none does. */
    requiredBy: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'ExpiryUndoPreview' })
export type ExpiryUndoPreview = z.output<typeof expiryUndoPreview>

export const previewExpiryUndo = endpoint({
  summary: 'Shows how an expiry would be undone, or why it cannot be undone',
  description: 'Changes nothing. Returns only a `problem` when the table has no such entry.',
  method: 'GET',
  path: `${EXPIRIES_PATH}/:auditId/undo`,
  permission: 'table:read',
  input: undoInput,
  output: reviewed(expiryUndoPreview),
})

export const undoExpiry = endpoint({
  summary: 'Cancels the removal of the files of an expiry, and restores its snapshots',
  method: 'POST',
  path: `${EXPIRIES_PATH}/:auditId/undo`,
  permission: 'table:maintain',
  input: undoInput.extend({
    /** Where the catalog cannot put metadata back: the name of the table that gets the snapshots. */
    newName: entryName.optional(),
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string(), table: z.string(), metadataLocation: z.string() }),
})
