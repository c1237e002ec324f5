import * as z from 'zod'
import { MAX_NAMESPACE_LEVELS } from '@/lib/names/name-limits'
import { MAX_PROPERTY_CHARS, MAX_PROPERTY_NAME_CHARS, MAX_SET_PROPERTIES } from '@/lib/iceberg/text-limits'
import { earlierProperty } from '@/lib/changes/intents/shapes'
import { MAX_SQL_CHARS } from '@/lib/changes/view-edits/view-draft'
import { endpoint } from '../endpoint'
import { commitRequest } from '../shapes/commit-request'
import { engineScripts } from '../shapes/engine-scripts'
import { draftSchema, fieldOnWire } from '../shapes/iceberg-shapes'
import { boundedRecord } from '../shapes/limits'
import { contractSchemas } from '../shapes/schemas'
import { confirmedName, entryName, idempotencyKey, location, namespaceInput, namespaceOnWire } from '../shapes/wire'
import { tableUses } from '../table/uses'
import { viewVersion } from '../views'
import { lifecycleStatements, renameReview, restRequest } from './tables'
import { writeOutcome } from '../shapes/write-outcome'

/** Creating, editing, renaming and dropping views. */

export const viewInput = namespaceInput.extend({ view: entryName })
type ViewInput = z.output<typeof viewInput>
export const viewResource = ({ catalog, namespace, view }: ViewInput) => [{ catalog, namespace, table: view }]

/** Where names of the SQL are looked up that say no catalog, or no namespace. */
const defaults = {
  defaultCatalog: entryName.nullable(),
  defaultNamespace: z.array(entryName).max(MAX_NAMESPACE_LEVELS),
}
const propertyName = z.string().min(1).max(MAX_PROPERTY_NAME_CHARS)
const propertyValue = z.string().max(MAX_PROPERTY_CHARS)
const sqlDraft = z.object({ dialect: z.string().max(100), sql: z.string().max(MAX_SQL_CHARS) })
const versionDraft = z.object({
  /** The SQL that is new or changed. */
  representations: z.array(sqlDraft).max(50),
  ...defaults,
  /** The columns. Their ids matter only within the request. */
  schema: draftSchema,
})

/** A reason that prevents the change, and the part of the form that it belongs to. */
const viewBlocker = z
  .object({
    part: z.enum(['namespace', 'name', 'version', 'property', 'sql']),
    message: z.string(),
    /** The dialect of the SQL that it is about. */
    dialect: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'ViewBlocker' })
export type ViewBlocker = z.output<typeof viewBlocker>

export const readViewColumns = endpoint({
  summary: 'Returns the columns of the SQL of a view, without reading rows',
  description:
    'Runs the SQL with the limit 0 on the server, with the permissions of the caller, as a view of this name would run. `unknown`: the SQL cannot run here, so the columns have to be stated. `refused`: the SQL is wrong. `busy`: the server runs as many queries as allowed; send the request again.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view/columns',
  permission: 'table:propose',
  resources: viewResource,
  input: viewInput.extend({ ...sqlDraft.shape, ...defaults }),
  output: z
    .discriminatedUnion('outcome', [
      z.object({
        outcome: z.literal('found'),
        fields: z.array(fieldOnWire),
        /** Points to check, such as a type that other engines do not have. */
        notes: z.array(z.string()),
      }),
      z.object({ outcome: z.enum(['unknown', 'refused', 'busy']), message: z.string() }),
    ])
    .register(contractSchemas, { id: 'ViewColumns' }),
})
export type ViewColumns = z.output<typeof readViewColumns.output>

const newViewInput = viewInput.extend({
  version: versionDraft,
  properties: boundedRecord(propertyName, propertyValue, MAX_SET_PROPERTIES),
})

/** A review of a view. */
const viewReview = {
  /** Null when no view can be like this. */
  request: commitRequest.nullable(),
  scripts: engineScripts.nullable(),
  blockers: z.array(viewBlocker),
  warnings: z.array(z.string()),
}

export const reviewNewView = endpoint({
  summary: 'Shows how a view would be created, or why it cannot be created',
  description: 'Creates nothing.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/new-views/:view/review',
  permission: 'table:write',
  resources: viewResource,
  input: newViewInput,
  output: z.object(viewReview).register(contractSchemas, { id: 'NewViewReview' }),
})
export type NewViewReview = z.output<typeof reviewNewView.output>

export const createView = endpoint({
  summary: 'Creates a view',
  description: 'When the outcome is unknown, request it before you send the request again.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/new-views/:view',
  permission: 'table:write',
  resources: viewResource,
  input: newViewInput.extend({
    idempotencyKey,
  }),
  output: z.object({ auditId: z.string() }),
})

export const findViewWrite = endpoint({
  summary: 'Returns the outcome of a request to create or change a view',
  description: 'Does not repeat the request.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view/outcome',
  permission: 'table:write',
  resources: viewResource,
  input: viewInput.extend({ idempotencyKey }),
  output: writeOutcome,
})

const versionId = z.int()
/** A change of a view. */
export const viewEdit = z
  .discriminatedUnion('kind', [
    versionDraft.extend({
      kind: z.literal('replace'),
      /** The version that was current when the user began. */
      baseVersionId: versionId,
      /** The dialects of that version whose SQL stays as it is. */
      retainedDialects: z.array(z.string().max(100)).max(50),
    }),
    z.object({ kind: z.literal('roll-back'), baseVersionId: versionId, versionId }),
    z.object({
      kind: z.literal('properties'),
      changes: z
        .array(
          z.object({
            name: propertyName,
            /** The value that the user saw. */
            base: earlierProperty,
            value: propertyValue.nullable(),
          }),
        )
        .min(1)
        .max(200),
    }),
  ])
  .register(contractSchemas, { id: 'ViewEdit' })

export const reviewViewEdit = endpoint({
  summary: 'Shows the commit that an edit of a view would become, and whether it still fits',
  description: 'Changes nothing.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view/changes/review',
  // As the review of a table: a user who may propose needs it, and the user who looks at a proposal.
  permission: 'table:read',
  resources: viewResource,
  input: viewInput.extend({ edit: viewEdit }),
  output: z
    .object({
      ...viewReview,
      /** The columns that the new version no longer has under their names: what `listViewUses` says names them may fail. */
      lostColumns: z.array(z.string()),
      /** The version that is current now, when it is not the one that the user began with. */
      conflict: viewVersion.nullable(),
    })
    .register(contractSchemas, { id: 'ViewEditReview' }),
})
export type ViewEditReview = z.output<typeof reviewViewEdit.output>

export const commitViewEdit = endpoint({
  summary: 'Changes a view: adds a version, rolls back to one, or sets properties',
  description: 'Fails with `version-conflict` and changes nothing when the view changed since the user looked.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view/changes',
  permission: 'table:write',
  resources: viewResource,
  input: viewInput.extend({ edit: viewEdit, idempotencyKey }),
  output: z.object({ auditId: z.string() }),
})

export const listViewUses = endpoint({
  summary: 'Lists the views, saved checks, saved queries and open proposals that use a view',
  description:
    'Only what the caller may read, at most 200. As `listTableUses`, with views of the view up to five deep. Engines and other programs that read the view are not known.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view/uses',
  permission: 'table:read',
  resources: viewResource,
  input: viewInput,
  output: tableUses,
})

const newName = { toNamespace: namespaceOnWire, toView: entryName }

export const reviewViewRename = endpoint({
  summary: 'Shows how a view is renamed or moved to another namespace',
  description: 'Changes nothing.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view/rename',
  permission: 'table:read',
  resources: viewResource,
  input: viewInput.extend(newName),
  output: z.object(renameReview).register(contractSchemas, { id: 'ViewRenameReview' }),
})
export type ViewRenameReview = z.output<typeof reviewViewRename.output>

export const renameView = endpoint({
  summary: 'Renames a view, or moves it to another namespace of its catalog',
  description:
    'Its versions and its location stay. The caller needs `table:write` on the new name, too. If anything that `listViewUses` returns uses the view, `confirmedName` is required.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view/rename',
  permission: 'table:maintain',
  resources: viewResource,
  input: viewInput.extend({
    ...newName,
    /** Namespace and view as in the header, typed by the user. */
    confirmedName: confirmedName.optional(),
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string() }),
})

export const reviewViewDrop = endpoint({
  summary: 'Shows what dropping a view would remove',
  description: 'Changes nothing.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view/drop',
  permission: 'table:read',
  resources: viewResource,
  input: viewInput,
  output: z
    .object({
      /** The metadata file that is reviewed. Null when it cannot be read, for the reason in `problem`. */
      metadataLocation: z.string().nullable(),
      problem: z.string().nullable(),
      versionCount: z.int().nonnegative(),
      dialects: z.array(z.string()),
      /** Whether the view can be restored after the drop. */
      canRestore: z.boolean(),
      /** Why the view cannot be dropped; null if no reason is known. */
      dropProblem: z.string().nullable(),
      request: restRequest,
      statements: lifecycleStatements,
    })
    .register(contractSchemas, { id: 'ViewDropReview' }),
})
export type ViewDropReview = z.output<typeof reviewViewDrop.output>

export const dropView = endpoint({
  summary: 'Drops a view from its catalog',
  description: 'Its metadata files stay.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view/drop',
  permission: 'table:maintain',
  resources: viewResource,
  input: viewInput.extend({
    /** The `metadataLocation` of the review: a view that changed since is not dropped. */
    metadataLocation: location.nullable(),
    /** Namespace and view as in the header, typed by the user. */
    confirmedName,
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: z.object({ auditId: z.string() }),
})
