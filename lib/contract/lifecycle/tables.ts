import * as z from 'zod'
import { endpoint } from '../endpoint'
import { inlineProblem } from '../shapes/inline-problem'
import { contractSchemas } from '../shapes/schemas'
import {
  confirmedName,
  count,
  entryName,
  idempotencyKey,
  instantMs,
  location,
  namespaceInput,
  namespaceOnWire,
  tableInput,
} from '../shapes/wire'

/** Renaming, dropping and restoring tables. */

/** Statements with which other programs make the same change; null when the program cannot. */
export const lifecycleStatements = z.object({ spark: z.string(), trino: z.string().nullable(), pyiceberg: z.string() })

/** An Iceberg REST request: where it goes, and its body as indented JSON text; null without one. */
export const restRequest = z.object({
  method: z.enum(['POST', 'DELETE']),
  path: z.string(),
  body: z.string().nullable(),
})

/** A review of a new name of a table or a view. */
export const renameReview = {
  request: restRequest,
  statements: lifecycleStatements,
  /** Why the catalog would refuse the name; null if no reason is known. */
  nameProblem: z.string().nullable(),
  /** Why the entry cannot be renamed at all, which is the `nameProblem` of every name; null if no reason is known. */
  renameProblem: z.string().nullable(),
  /** Warnings that prevent nothing, such as a name that differs from another one only in case. */
  warnings: z.array(z.string()),
}

const newName = { toNamespace: namespaceOnWire, toTable: entryName }

export const reviewTableRename = endpoint({
  summary: 'Shows how a table is renamed or moved to another namespace',
  description: 'Changes nothing.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/rename',
  permission: 'table:read',
  input: tableInput.extend(newName),
  output: z.object(renameReview).register(contractSchemas, { id: 'TableRenameReview' }),
})
export type TableRenameReview = z.output<typeof reviewTableRename.output>

export const renameTable = endpoint({
  summary: 'Renames a table, or moves it to another namespace of its catalog',
  description:
    'Its files, location, uuid and history stay. The caller needs `table:write` on the new name, too. If a view, check, saved query, schedule or proposal that `listTableUses` returns uses the table, or a client that `listTableClients` returns used it in the last 30 days, `confirmedName` is required.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/rename',
  permission: 'table:maintain',
  input: tableInput.extend({
    ...newName,
    /** Namespace and table as in the header, typed by the user. */
    confirmedName: confirmedName.optional(),
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string() }),
})

/** Delete files are among the data files. */
const purgedFileKind = z.enum(['data', 'manifest', 'manifest-list', 'statistics', 'metadata'])

export const reviewTableDrop = endpoint({
  summary: 'Shows what dropping a table would remove',
  description:
    'Changes nothing. A table whose metadata cannot be read has its `problem` and no figures. For a catalog of a connection it reads every table, for up to 30 seconds, to find tables that share a folder with this one, unless `keepsFiles` says that the files stay.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/drop',
  permission: 'table:read',
  input: tableInput.extend({
    /** The review of a drop without the files: `purgeProblem` says only what is known without reading other tables. */
    keepsFiles: z.literal('true').optional(),
  }),
  output: z
    .object({
      /** The metadata file that is reviewed. Null when it cannot be read. */
      metadataLocation: z.string().nullable(),
      problem: inlineProblem.nullable(),
      location: z.string().nullable(),
      snapshotCount: count,
      refNames: z.array(z.string()),
      /** The row count at the tip of `main`: zero without a snapshot, null if its summary does not say. */
      rowCount: count.nullable(),
      liveBytes: count.nullable(),
      dataFileCount: count.nullable(),
      deleteFileCount: count.nullable(),
      /** Whether the table can be restored after the drop. That needs its files, so a purge prevents it. */
      canRestore: z.boolean(),
      /** Why the table cannot be dropped; null if no reason is known. */
      dropProblem: z.string().nullable(),
      /** How long the table can be restored before its files are removed; 0: they are removed at once. */
      purgeAfterMs: count,
      /** Why the files cannot be removed with the table; null if they can. */
      purgeProblem: z.string().nullable(),
      /** Without the files, and with them. */
      drop: z.object({ request: restRequest, statements: lifecycleStatements }),
      purge: z.object({ request: restRequest, statements: lifecycleStatements }),
    })
    .register(contractSchemas, { id: 'TableDropReview' }),
})
export type TableDropReview = z.output<typeof reviewTableDrop.output>

export const MAX_LISTED_PURGED_FILES = 200

export const listPurgedFiles = endpoint({
  summary: 'Lists the files that a drop with purge would remove',
  description: `Changes nothing. The files of every snapshot, and the metadata files: how many of each kind, and the first ${MAX_LISTED_PURGED_FILES}. In the embedded catalog these are the files in the table’s own folders, also those of expired snapshots that exist and that earlier metadata files of the metadata log name. Another catalog decides itself which files it removes, so all files that the metadata names are counted. Reading ends after 100,000 files or ten seconds.`,
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/purged-files',
  permission: 'table:read',
  input: tableInput,
  output: z
    .object({
      kinds: z.array(
        z.object({
          kind: purgedFileKind,
          fileCount: count,
          /** Null when the metadata does not say the sizes. */
          sizeBytes: count.nullable(),
        }),
      ),
      files: z
        .array(z.object({ kind: purgedFileKind, location: z.string(), sizeBytes: count.nullable() }))
        .max(MAX_LISTED_PURGED_FILES),
      /**
       * Files outside the table's folders, or in those of another table: the purge leaves them. 0 when `isCatalogPurge`.
       */
      retainedFileCount: count,
      /** How many of the files above are outside the table's folders, where another table may use them. */
      outsideFileCount: count,
      /** Manifest lists and manifests that are gone: what only they named is not counted. */
      missingCount: count,
      /** There are more, which were not read. */
      isTruncated: z.boolean(),
      /** The catalog removes the files itself, by its own rules: it may leave some of these, and remove others. */
      isCatalogPurge: z.boolean(),
    })
    .register(contractSchemas, { id: 'PurgedFiles' }),
})
export type PurgedFiles = z.output<typeof listPurgedFiles.output>

export const dropTable = endpoint({
  summary: 'Drops a table from its catalog, with or without its files',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/drop',
  permission: 'table:maintain',
  input: tableInput.extend({
    /** Whether the files are removed for good. */
    isPurge: z.boolean(),
    /** The `metadataLocation` of the review: a table that changed since is not dropped. */
    metadataLocation: location.nullable(),
    /** Namespace and table as in the header, typed by the user. */
    confirmedName,
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string() }),
})

export const droppedTable = z
  .object({
    /** The audit entry of the drop. */
    auditId: z.string(),
    kind: z.enum(['table', 'view']),
    /** The name of the table or view. */
    table: z.string(),
    droppedAtMs: instantMs,
    actor: z.string(),
    metadataLocation: z.string(),
    /** When its files are removed; null: they stay. */
    purgeAtMs: instantMs.nullable(),
    /** Whether another table or view has the name now. */
    isNameTaken: z.boolean(),
  })
  .register(contractSchemas, { id: 'DroppedTable' })
export type DroppedTable = z.output<typeof droppedTable>

/** How many drops of a namespace are looked through, the newest. */
export const MAX_DROPPED_TABLES = 100

export const listDroppedTables = endpoint({
  summary: 'Lists the tables and views that were dropped from a namespace and can be restored, newest first',
  description: `Leaves out tables and views that have lost their metadata file, or their folder to another table. Reads the newest ${MAX_DROPPED_TABLES} drops. Empty for catalogs that do not say where a dropped table was.`,
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/dropped-tables',
  permission: 'table:maintain',
  input: namespaceInput,
  output: z.object({ tables: z.array(droppedTable).max(MAX_DROPPED_TABLES), isTruncated: z.boolean() }),
})

const restoredName = {
  auditId: z.string().min(1).max(64),
  /** Its name, or another one. */
  name: entryName,
}

export const reviewRestore = endpoint({
  summary: 'Says whether a dropped table or view can be restored under a name',
  description: 'Changes nothing.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/dropped-tables/:auditId/restore',
  permission: 'table:maintain',
  input: namespaceInput.extend(restoredName),
  output: z
    .object({
      /** Why the catalog would refuse the name; null if no reason is known. */
      nameProblem: z.string().nullable(),
    })
    .register(contractSchemas, { id: 'RestoreReview' }),
})
export type RestoreReview = z.output<typeof reviewRestore.output>

export const restoreTable = endpoint({
  summary: 'Restores a dropped table or view, as it was when it was dropped',
  description: 'It keeps its uuid. The drop removed the grants on it, and they are not restored.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/dropped-tables/:auditId/restore',
  permission: 'table:maintain',
  input: namespaceInput.extend({ ...restoredName, idempotencyKey: idempotencyKey.optional() }),
  output: z.object({ auditId: z.string() }),
})
