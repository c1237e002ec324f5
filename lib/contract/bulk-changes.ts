import * as z from 'zod'
import { MAX_TAG_CHARS } from '@/lib/iceberg/properties/about'
import { endpoint } from './endpoint'
import { holder, id, role } from './access/shapes'
import { run } from './jobs'
import { BULK_TABLE_STATES, type BulkTableState } from './bulk-table-states'
import {
  MAX_BULK_CELLS,
  MAX_BULK_CHANGES,
  MAX_BULK_NAMESPACES,
  MAX_BULK_TABLES,
  MAX_BULK_VALUES,
  MAX_NAMED_TABLES,
} from './shapes/bulk-limits'
import { proposalText } from './proposals'
import { contractSchemas } from './shapes/schemas'
import {
  catalogInput,
  confirmedName,
  count,
  entryName,
  idempotencyKey,
  instantMs,
  intInQuery,
  listedNamespace,
  namespaceLevels,
  namespaceOnWire,
} from './shapes/wire'

/** Changes of many tables of a catalog: the list of the tables, what they get, and the result for each. */

const MAX_CONDITION_CHARS = 1_000
const MAX_HOLDER_NAME_CHARS = 1_000

/** Which tables of a catalog are meant. All conditions have to hold. */
const selectionShape = {
  /** The tables in it. Absent: those of the whole catalog. */
  namespace: namespaceOnWire.optional(),
  /** `direct`: without the tables of namespaces in the namespace. */
  depth: z.enum(['nested', 'direct']).optional(),
  /** Words that the full names of the tables contain, in any case. */
  search: z.string().max(MAX_CONDITION_CHARS).optional(),
  /** As search has them: in any case, and some seconds behind a change. */
  owner: z.string().max(MAX_CONDITION_CHARS).optional(),
  tag: z.string().max(MAX_TAG_CHARS).optional(),
  /** `name=value` of a property, as search has it. */
  property: z.string().max(MAX_CONDITION_CHARS).optional(),
}
/** Bounds, included, of the current snapshot of a table, as the search index has it. A table of unknown size does not meet them. */
const SIZE_CONDITIONS = ['minBytes', 'maxBytes', 'minFiles', 'maxFiles'] as const
const sizesOf = <Shape extends z.ZodType>(shape: Shape) =>
  Object.fromEntries(SIZE_CONDITIONS.map((name) => [name, shape.optional()])) as Record<
    (typeof SIZE_CONDITIONS)[number],
    z.ZodOptional<Shape>
  >
export const tableSelection = z
  .object({ ...selectionShape, ...sizesOf(count) })
  .register(contractSchemas, { id: 'TableSelection' })
export type TableSelection = z.output<typeof tableSelection>

const namedTable = z.object({ namespace: listedNamespace, table: z.string() })

export const listSelectedTables = endpoint({
  summary: 'Lists the tables of a catalog that meet conditions, by name',
  description:
    'Names come from the catalog. Owners, tags, properties, sizes and numbers of data files come from the search index, which follows a change within seconds; catalogs without an index refuse these conditions.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/selected-tables',
  permission: 'signed-in',
  input: catalogInput.extend({ ...selectionShape, ...sizesOf(intInQuery), offset: intInQuery.optional() }),
  output: z.object({
    tables: z.array(namedTable).max(100),
    totalCount: count,
    nextOffset: count.nullable(),
    /** Distinguishes this list of tables from any other. */
    digest: z.string(),
    /** The catalog has more tables than are looked through, so the list is not complete. */
    isTruncated: z.boolean(),
    /** Tables that meet all conditions but those on their size, which the index does not know. They are not listed. */
    unknownSizeCount: count,
  }),
})

const propertyText = z.string().max(100_000)
const propertyKey = z.string().min(1).max(1_000)

const limitedHolder = z.object({ ...holder.shape, id, name: z.string().max(MAX_HOLDER_NAME_CHARS) })

export const bulkChange = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('set-property'), key: propertyKey, value: propertyText }),
    z.object({ kind: z.literal('remove-property'), key: propertyKey }),
    z.object({ kind: z.literal('add-tag'), tag: z.string().min(1).max(MAX_TAG_CHARS) }),
    z.object({ kind: z.literal('remove-tag'), tag: z.string().min(1).max(MAX_TAG_CHARS) }),
    /** Takes the tables from the catalog, which can restore them. No file is removed. */
    z.object({ kind: z.literal('drop') }),
    /** To another namespace of the catalog, under the same names. */
    z.object({ kind: z.literal('move'), toNamespace: namespaceLevels.readonly() }),
    /**
     * The role of a user, a group or everyone on each table; null: none. Needs the permission to manage access to the
     * table. The id of the holder decides; the name is read from it.
     */
    z.object({ kind: z.literal('grant'), holder: limitedHolder, role: role.nullable() }),
  ])
  .register(contractSchemas, { id: 'BulkChange' })

/** Tables that are named one by one. */
const namedTables = z.array(z.object({ namespace: namespaceOnWire, table: entryName })).max(MAX_NAMED_TABLES)

/** Another user commits the proposals of a change; all other steps are those of the user who started it. */
export const BULK_STEPS = ['preview', 'write', 'commit-proposals', 'undo'] as const
export type BulkStep = (typeof BULK_STEPS)[number]

const bulkChangeId = z.string().regex(/^[\w-]{1,64}$/, 'an id of 1 to 64 letters, digits, _ and -')

export const startBulkChange = endpoint({
  summary: 'Stores the list of tables that a selection gives, and queues a run that previews their changes',
  description: `A drop, a move or a grant is the only change of its list. The list decides: a table that meets the conditions later is not added. It has at most ${MAX_BULK_TABLES} tables. Nothing is changed before another run is queued.`,
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/bulk-changes',
  permission: 'signed-in',
  input: catalogInput.extend({
    selection: tableSelection,
    /** The digest of the list that the caller saw: the tables of another list are not changed. */
    digest: z.string().max(100),
    /** Only these tables of the list; absent: all of them. */
    only: namedTables.optional(),
    /** All tables of the list but these. */
    except: namedTables.optional(),
    changes: z.array(bulkChange).min(1).max(MAX_BULK_CHANGES),
    idempotencyKey,
  }),
  output: z.object({ bulkChangeId }),
})

const oneInput = catalogInput.extend({ bulkChangeId })

const bulkNamespace = z
  .object({
    /** Null: all further namespaces. */
    namespace: listedNamespace.nullable(),
    namespaceCount: count,
    tableCount: count,
    /** In the order of the run, of as many tables each. A cell has the state that needs a user most. */
    cells: z.array(z.enum(BULK_TABLE_STATES)).max(MAX_BULK_CELLS + MAX_BULK_NAMESPACES),
  })
  .register(contractSchemas, { id: 'BulkNamespace' })
export type BulkNamespace = z.output<typeof bulkNamespace>

export const getBulkChange = endpoint({
  summary: 'Returns a change of many tables with its counts and its newest run',
  description: 'Tables that the caller may not read are in no count. It is removed 90 days after its start.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/bulk-changes/:bulkChangeId',
  permission: 'signed-in',
  input: oneInput,
  output: z.object({
    selection: tableSelection,
    changes: z.array(bulkChange),
    startedBy: z.string(),
    startedAtMs: instantMs,
    /** How many tables have each state. */
    counts: z.object(
      Object.fromEntries(BULK_TABLE_STATES.map((state) => [state, count])) as Record<BulkTableState, typeof count>,
    ),
    /** Tables that have what the change gave them, those that an undo has not reached or could not undo included. */
    changedCount: count,
    /** Its tables by namespace. */
    namespaces: z.array(bulkNamespace).max(MAX_BULK_NAMESPACES),
    /** Null when it was removed: ended runs are removed after 30 days. */
    run: run.nullable(),
    /** The step that the run carries out. */
    step: z.enum(BULK_STEPS).nullable(),
    /** Whether the caller may start its next run: the user who started it. */
    canRun: z.boolean(),
    /** Whether the caller may commit some of its proposals: another user who may write their tables. */
    canCommitProposals: z.boolean(),
  }),
})

const bulkValues = z
  .object({
    key: z.string(),
    /** Null: the property is removed. */
    after: z.string().nullable(),
    /** The commonest values before the change; null: not set. */
    before: z.array(z.object({ value: z.string().nullable(), tableCount: count })).max(MAX_BULK_VALUES),
    /** Tables with further values. */
    otherCount: count,
    /** Tables that had the value already. */
    unchangedCount: count,
  })
  .register(contractSchemas, { id: 'BulkValues' })
export type BulkValues = z.output<typeof bulkValues>

export const getBulkValues = endpoint({
  summary: 'Returns what the properties of a change of many tables were before it, by their commonest values',
  description:
    'As the preview read them. Tables that the caller may not read, and tables that have no preview, are in no count. Tags are not counted.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/bulk-changes/:bulkChangeId/values',
  permission: 'signed-in',
  input: oneInput,
  output: z.object({ values: z.array(bulkValues).max(MAX_BULK_CHANGES) }),
})

const bulkChangeTable = z
  .object({
    ...namedTable.shape,
    state: z.enum(BULK_TABLE_STATES),
    /** The values of its properties before and after; null: not set. */
    values: z.array(z.object({ key: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
    warnings: z.array(z.string()),
    /** Why it failed, or was not undone. */
    problem: z.string().nullable(),
    /** The entry of its history that the commit added. */
    auditId: z.string().nullable(),
    proposalId: z.string().nullable(),
    /** When it got its state. */
    atMs: instantMs.nullable(),
  })
  .register(contractSchemas, { id: 'BulkChangeTable' })
export type BulkChangeTable = z.output<typeof bulkChangeTable>

export const listBulkChangeTables = endpoint({
  summary: 'Lists the tables of a change of many tables with the result for each, in the order of the run',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/bulk-changes/:bulkChangeId/tables',
  permission: 'signed-in',
  input: oneInput.extend({
    state: z.enum(BULK_TABLE_STATES).optional(),
    /** Words that the full names of the tables contain, in any case. */
    search: z.string().max(MAX_CONDITION_CHARS).optional(),
    offset: intInQuery.optional(),
  }),
  output: z.object({
    tables: z.array(bulkChangeTable).max(100),
    totalCount: count,
    nextOffset: count.nullable(),
  }),
})

export const stopBulkChange = endpoint({
  summary: 'Stops the open run of a change of many tables',
  description:
    'Tables under way are finished. Tables that the run has not reached get the state `left`, or `not-undone` from an undo, and no run continues with them: preview them again, or undo again. To continue later, cancel the run instead.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/bulk-changes/:bulkChangeId/stop',
  permission: 'signed-in',
  input: oneInput,
  output: z.object({}),
})

export const runBulkChange = endpoint({
  summary: 'Queues a run that carries out a step of a change of many tables',
  description:
    'Each table is one commit, with the permissions of the caller at that time. Tables that the caller may only propose to change, or whose namespace demands two people, become one proposal, with a part for each table; `commit-proposals` lets another user commit all parts that are still open and fit. A run stops after 20 failures in a row, and can be started again: with `isContinued` it takes the tables that are left. An undo leaves what was changed again since, and says so.',
  method: 'POST',
  path: '/api/v1/catalogs/:catalog/bulk-changes/:bulkChangeId/runs',
  permission: 'signed-in',
  input: oneInput.extend({
    step: z.enum(BULK_STEPS),
    /** The title and note of the proposals; required if there are tables to propose. */
    proposal: proposalText.optional(),
    /** Whether the run takes only the tables that the last run of the step left, with its proposals' title. */
    isContinued: z.boolean().optional(),
    /**
     * Only with `undo`: whether an open run that writes is stopped first. The undo waits until its tables under way are
     * finished, and takes them, too.
     */
    stopsOpenRun: z.boolean().optional(),
    /**
     * How many tables are dropped, moved or get other grants, and their catalog: `drop 12 tables in local`,
     * `move 12 tables in local`, `grant on 12 tables in local` or `revoke on 12 tables in local`.
     */
    confirmation: confirmedName.optional(),
    idempotencyKey,
  }),
  output: z.object({ runId: z.string() }),
})
