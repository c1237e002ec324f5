import type { Verb } from './verb'

/** Verbs of namespaces, and of the rule that holds in one. */

const NO_UNDO = 'A namespace has no history, so nothing of it is undone.'
const KEY = { isRequired: false, outcomeAt: null } as const

export const NAMESPACES: readonly Verb[] = [
  {
    name: 'create-namespace',
    title: 'Creating a namespace',
    endpoint: 'createNamespace',
    actions: ['create-namespace'],
    writes: 'iceberg_namespace_properties',
    stale: 'already-exists',
    key: KEY,
    undoneBy: null,
    async prepare(lake) {
      await lake.catalog.write({ kind: 'drop-namespace', namespace: [lake.namespace] })
      return {
        input: { ...lake.wire, properties: { owner: 'ada' } },
        other: { properties: {} },
        target: null,
        change: () => lake.catalog.write({ kind: 'create-namespace', namespace: [lake.namespace], properties: {} }),
      }
    },
    differences: [NO_UNDO],
  },
  {
    name: 'change-namespace-properties',
    title: 'Changing properties of a namespace',
    endpoint: 'changeNamespaceProperties',
    actions: ['update-namespace'],
    writes: 'iceberg_namespace_properties',
    stale: 'version-conflict',
    key: KEY,
    undoneBy: null,
    prepare: async (lake) => ({
      input: { ...lake.wire, changes: [{ name: 'owner', base: null, value: 'ada' }] },
      other: { changes: [{ name: 'owner', base: null, value: 'eve' }] },
      target: null,
      change: () =>
        lake.catalog.write({
          kind: 'update-namespace',
          namespace: [lake.namespace],
          updates: { owner: 'zoe' },
          removals: [],
        }),
    }),
    differences: [
      NO_UNDO,
      'What was seen is compared before the write and not in its transaction: the protocol has no such condition.',
    ],
  },
  {
    name: 'drop-namespace',
    title: 'Dropping a namespace',
    endpoint: 'dropNamespace',
    actions: ['drop-namespace'],
    writes: 'iceberg_namespace_properties',
    stale: 'namespace-not-empty',
    typedName: 'confirmedName',
    key: { ...KEY, isReserved: true },
    undoneBy: null,
    prepare: async (lake) => ({
      input: { ...lake.wire, confirmedName: lake.namespace },
      other: { tables: ['t'] },
      target: null,
      change: () => lake.createTable(),
    }),
    differences: [NO_UNDO, 'A policy holds it only when there are tables or views in it.'],
  },
  {
    name: 'drop-filled-namespace',
    title: 'Dropping a namespace with its tables and views',
    endpoint: 'dropNamespace',
    actions: ['drop-view', 'drop-table', 'drop-namespace'],
    writes: 'iceberg_namespace_properties',
    stale: 'namespace-not-empty',
    typedName: 'confirmedName',
    key: { ...KEY, isReserved: true },
    undoneBy: null,
    async prepare(lake) {
      await lake.createTable()
      await lake.createView()
      return {
        input: { ...lake.wire, confirmedName: lake.namespace, tables: ['t'], views: ['v'] },
        other: { views: [] },
        target: null,
        reindexes: ['t', 'v', ''],
        change: () => lake.createTable('another'),
        proposal: {
          of: 'namespace',
          proposed: { action: { kind: 'drop-namespace' } },
          toReviewed: async (reviewer) => {
            const { contents } = await lake.get(reviewer, 'reviewNamespaceDrop', lake.wire)
            return { reviewed: { kind: 'drop-namespace', contents } }
          },
        },
      }
    },
    differences: [
      NO_UNDO,
      'An entry and a transaction for each table, view and namespace, because catalogs drop one at a time.',
      'A proposal of it names no uuid, because namespaces have none: it ends when the namespace is dropped.',
    ],
  },
  {
    name: 'set-change-policy',
    title: 'Setting the change policy of a namespace',
    endpoint: 'setChangePolicy',
    actions: ['set-change-policy'],
    writes: 'change_policies',
    refusedRole: 'editor',
    stale: null,
    again: 'repeated',
    undoneBy: null,
    prepare: async (lake) => ({ input: { ...lake.wire, requiresProposal: true }, target: null }),
    differences: [
      'Nothing that was seen is sent: the later of two admins wins.',
      'It is a row of the console and not of the catalog, so search has nothing to look at again.',
      NO_UNDO,
    ],
  },
]
