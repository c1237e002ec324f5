import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import type { SignedInUser } from '@/testing/homes/test-home'
import type { Verb } from './verb'
import type { Fields, VerbLake } from './verb-lake'

/** Verbs of views. */

const versionOf = (lake: VerbLake, sql: string) => ({
  representations: [{ dialect: 'spark', sql }],
  defaultCatalog: null,
  defaultNamespace: [lake.namespace],
  schema: ONE_COLUMN_SCHEMA,
})
const NO_UNDO = 'A view has no history of its own, so nothing of it is undone; an earlier version is rolled back to.'

type EditVerb = {
  name: Verb['name']
  title: string
  action: string
  setUp: (lake: VerbLake) => Promise<{ edit: Fields; other: Fields; change: () => Promise<unknown> }>
}

function editVerb({ name, title, action, setUp }: EditVerb): Verb {
  return {
    name,
    title,
    endpoint: 'commitViewEdit',
    actions: [action],
    stale: 'version-conflict',
    key: { isRequired: true, outcomeAt: 'findViewWrite' },
    undoneBy: null,
    async prepare(lake) {
      await lake.createView()
      const { edit, other, change } = await setUp(lake)
      return {
        input: { ...lake.wire, view: 'v', edit },
        target: 'v',
        change,
        other: { edit: other },
        proposal: { of: 'view', proposed: { action: { kind: 'change-view', edit } } },
      }
    },
    differences: [NO_UNDO, 'Its key is required, and that of a change of a table is not.'],
  }
}

const replace = (lake: VerbLake, sql: string, baseVersionId = 1): Fields => ({
  kind: 'replace',
  baseVersionId,
  retainedDialects: [],
  ...versionOf(lake, sql),
})

/** Commits another version, as another client. */
function addVersion(lake: VerbLake, sql: string): Promise<unknown> {
  return lake.catalog.write({
    kind: 'commit-view',
    view: lake.view(),
    change: ({ metadata }) => ({
      requirements: [],
      updates: [
        {
          action: 'add-view-version',
          viewVersion: {
            versionId: metadata.currentVersionId + 1,
            schemaId: 0,
            timestampMs: 1_700_000_000_000,
            summary: {},
            defaultCatalog: null,
            defaultNamespace: [lake.namespace],
            representations: [{ type: 'sql', sql, dialect: 'spark' }],
          },
        },
        { action: 'set-current-view-version', viewVersionId: -1 },
      ],
    }),
  })
}

async function reviewedDrop(lake: VerbLake, user: SignedInUser): Promise<Fields> {
  const { metadataLocation } = await lake.get(user, 'reviewViewDrop', { ...lake.wire, view: 'v' })
  return { metadataLocation }
}

export const VIEWS: readonly Verb[] = [
  {
    name: 'create-view',
    title: 'Creating a view',
    endpoint: 'createView',
    actions: ['create-view'],
    stale: 'already-exists',
    key: { isRequired: true, outcomeAt: 'findViewWrite' },
    undoneBy: null,
    prepare: async (lake) => ({
      input: { ...lake.wire, view: 'v', version: versionOf(lake, 'SELECT id FROM trips'), properties: {} },
      target: 'v',
      change: () => lake.createView(),
      other: { version: versionOf(lake, 'SELECT id FROM legs') },
    }),
    differences: [NO_UNDO, 'Nothing but the name can have changed: another entry has it by now.'],
  },
  editVerb({
    name: 'replace-view',
    title: 'Changing the SQL of a view',
    action: 'replace-view',
    setUp: async (lake) => ({
      edit: replace(lake, 'SELECT id FROM trips WHERE id > 0'),
      other: replace(lake, 'SELECT id FROM trips WHERE id > 1'),
      change: () => addVersion(lake, 'SELECT id FROM legs'),
    }),
  }),
  editVerb({
    name: 'roll-back-view',
    title: 'Rolling back a view',
    action: 'roll-back-view',
    setUp: async (lake) => {
      await addVersion(lake, 'SELECT id FROM legs')
      const rollBack = { kind: 'roll-back', baseVersionId: 2, versionId: 1 }
      return {
        edit: rollBack,
        other: replace(lake, 'SELECT 1 AS id', 2),
        change: () => addVersion(lake, 'SELECT id FROM stops'),
      }
    },
  }),
  editVerb({
    name: 'change-view-properties',
    title: 'Changing properties of a view',
    action: 'change-view-properties',
    setUp: async (lake) => {
      const comment = (value: string) => ({ kind: 'properties', changes: [{ name: 'comment', base: null, value }] })
      const change = () =>
        lake.catalog.write({
          kind: 'commit-view',
          view: lake.view(),
          change: {
            requirements: [],
            updates: [{ action: 'set-properties', updates: { comment: 'of another writer' } }],
          },
        })
      return { edit: comment('open trips'), other: comment('all trips'), change }
    },
  }),
  {
    name: 'rename-view',
    title: 'Renaming a view',
    endpoint: 'renameView',
    actions: ['rename-view'],
    stale: 'already-exists',
    key: { isRequired: false, outcomeAt: 'findViewWrite' },
    undoneBy: null,
    async prepare(lake) {
      await lake.createView()
      const elsewhere = `${lake.namespace}_other`
      await lake.catalog.write({ kind: 'create-namespace', namespace: [elsewhere], properties: {} })
      const action = { kind: 'rename-view', toNamespace: [elsewhere], toView: 'moved' }
      return {
        input: { ...lake.wire, view: 'v', toNamespace: elsewhere, toView: 'moved' },
        target: 'moved',
        reindexes: ['v', 'moved'],
        other: { toView: 'another' },
        change: () =>
          lake.catalog.write({
            kind: 'create-table',
            table: { ...lake.table('moved'), namespace: [elsewhere] },
            schema: ONE_COLUMN_SCHEMA,
          }),
        proposal: { of: 'view', proposed: { action } },
      }
    },
    differences: [NO_UNDO],
  },
  {
    name: 'drop-view',
    title: 'Dropping a view',
    endpoint: 'dropView',
    actions: ['drop-view'],
    stale: 'version-conflict',
    typedName: 'confirmedName',
    key: { isRequired: false, outcomeAt: 'findViewWrite' },
    undoneBy: 'restoreTable',
    async prepare(lake, editor) {
      await lake.createView()
      const seen = await reviewedDrop(lake, editor)
      return {
        input: { ...lake.wire, view: 'v', ...seen, confirmedName: `${lake.namespace}.v` },
        target: 'v',
        change: () => addVersion(lake, 'SELECT id FROM legs'),
        other: { metadataLocation: 'file:///another' },
        proposal: {
          of: 'view',
          proposed: { action: { kind: 'drop-view' } },
          toReviewed: async (reviewer) => ({ reviewed: { kind: 'drop', ...(await reviewedDrop(lake, reviewer)) } }),
        },
        toUndo: (auditId) => ({ ...lake.wire, auditId, name: 'v' }),
      }
    },
    differences: ['Its key may be left out, and that of an edit of the view may not.'],
  },
  {
    name: 'restore-view',
    title: 'Restoring a view',
    endpoint: 'restoreTable',
    actions: ['restore-view'],
    stale: 'already-exists',
    key: { isRequired: false, outcomeAt: 'findViewWrite' },
    undoneBy: null,
    async prepare(lake, editor) {
      await lake.createView()
      const seen = await reviewedDrop(lake, editor)
      const fields = { ...lake.wire, view: 'v', ...seen, confirmedName: `${lake.namespace}.v` }
      const { auditId } = await lake.get(editor, 'dropView', fields)
      return {
        input: { ...lake.wire, auditId, name: 'v' },
        target: 'v',
        change: () => lake.createView(),
        other: { name: 'another' },
        outcomeOf: { view: 'v' },
      }
    },
    differences: [NO_UNDO],
  },
]
