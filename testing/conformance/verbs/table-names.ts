import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import type { SignedInUser } from '@/testing/homes/test-home'
import type { Verb } from './verb'
import type { Fields, VerbLake } from './verb-lake'

/** Verbs that bring a table into a catalog, rename it or take it away. */

const DECLARATION = JSON.stringify({
  'format-version': 2,
  columns: [{ name: 'id', type: 'long' }],
  'identifier-fields': [],
  'partition-fields': [],
  'sort-fields': [],
  properties: {},
})
const NO_TOKEN = 'Nothing but the name is reviewed, so what can have changed is that another entry has it by now.'
const NO_UNDO = 'It is not undone: the table is dropped.'

async function reviewedDrop(lake: VerbLake, user: SignedInUser): Promise<Fields> {
  const { metadataLocation } = await lake.get(user, 'reviewTableDrop', { ...lake.wire, table: 't' })
  return { metadataLocation }
}

function dropVerb(isPurge: boolean): Verb {
  return {
    name: isPurge ? 'purge-table' : 'drop-table',
    title: isPurge ? 'Dropping a table with its files' : 'Dropping a table',
    endpoint: 'dropTable',
    actions: [isPurge ? 'purge-table' : 'drop-table'],
    stale: 'version-conflict',
    typedName: 'confirmedName',
    key: { isRequired: false, outcomeAt: 'findChange' },
    undoneBy: 'restoreTable',
    async prepare(lake, editor) {
      await lake.createTable()
      const seen = await reviewedDrop(lake, editor)
      return {
        input: { ...lake.wire, table: 't', isPurge, ...seen, confirmedName: `${lake.namespace}.t` },
        target: 't',
        change: () => lake.setProperties({ owner: 'zoe' }),
        other: { isPurge: !isPurge },
        proposal: {
          of: 'table',
          proposed: { action: { kind: 'drop', isPurge } },
          toReviewed: async (reviewer) => ({ reviewed: { kind: 'drop', ...(await reviewedDrop(lake, reviewer)) } }),
        },
        toUndo: (auditId) => ({ ...lake.wire, auditId, name: 't' }),
      }
    },
    differences: ['A changed table is a `version-conflict` here, and a `commit-conflict` for changes of it.'],
  }
}

export const TABLE_NAMES: readonly Verb[] = [
  {
    name: 'create-table',
    title: 'Creating a table',
    endpoint: 'createTable',
    actions: ['create-table'],
    stale: 'already-exists',
    key: { isRequired: true, outcomeAt: 'findNewTable' },
    undoneBy: null,
    prepare: async (lake) => ({
      input: { ...lake.wire, table: 't', declaration: DECLARATION },
      target: 't',
      change: () => lake.createTable(),
      other: { declaration: DECLARATION.replace('long', 'int') },
    }),
    differences: [NO_TOKEN, NO_UNDO],
  },
  {
    name: 'register-table',
    title: 'Registering a table',
    endpoint: 'registerTable',
    actions: ['register-table'],
    stale: 'already-exists',
    key: { isRequired: true, outcomeAt: 'findNewTable' },
    undoneBy: null,
    async prepare(lake) {
      await lake.createTable('gone')
      const { metadataLocation } = await lake.load('gone')
      await lake.setProperties({ owner: 'ada' }, 'gone')
      const { metadataLocation: newer } = await lake.load('gone')
      await lake.catalog.write({ kind: 'drop-table', table: lake.table('gone') })
      return {
        input: { ...lake.wire, table: 't', metadataLocation: newer },
        target: 't',
        change: () => lake.createTable(),
        other: { metadataLocation },
      }
    },
    differences: [NO_TOKEN, NO_UNDO],
  },
  {
    name: 'rename-table',
    title: 'Renaming a table',
    endpoint: 'renameTable',
    actions: ['rename-table'],
    stale: 'already-exists',
    key: { isRequired: false, outcomeAt: 'findChange' },
    undoneBy: null,
    async prepare(lake) {
      await lake.createTable()
      const elsewhere = `${lake.namespace}_other`
      await lake.catalog.write({ kind: 'create-namespace', namespace: [elsewhere], properties: {} })
      const action = { kind: 'rename', toNamespace: [elsewhere], toTable: 'moved' }
      return {
        input: { ...lake.wire, table: 't', toNamespace: elsewhere, toTable: 'moved' },
        target: 'moved',
        reindexes: ['t', 'moved'],
        other: { toTable: 'another' },
        change: () =>
          lake.catalog.write({
            kind: 'create-table',
            table: { ...lake.table('moved'), namespace: [elsewhere] },
            schema: ONE_COLUMN_SCHEMA,
          }),
        proposal: { of: 'table', proposed: { action } },
      }
    },
    differences: [NO_TOKEN, 'It is not undone: it is renamed back.'],
  },
  dropVerb(false),
  dropVerb(true),
  {
    name: 'restore-table',
    title: 'Restoring a table',
    endpoint: 'restoreTable',
    actions: ['cancel-run', 'restore-table'],
    stale: 'already-exists',
    key: { isRequired: false, outcomeAt: 'findNewTable' },
    undoneBy: null,
    async prepare(lake, editor) {
      await lake.createTable()
      const seen = await reviewedDrop(lake, editor)
      const fields = { ...lake.wire, table: 't', isPurge: true, ...seen, confirmedName: `${lake.namespace}.t` }
      const { auditId } = await lake.get(editor, 'dropTable', fields)
      return {
        input: { ...lake.wire, auditId, name: 't' },
        target: 't',
        change: () => lake.createTable(),
        other: { name: 'another' },
        outcomeOf: { table: 't' },
      }
    },
    differences: [
      NO_UNDO,
      'Two entries after a drop with files: their removal is a run, and is cancelled in a transaction before.',
    ],
  },
]
