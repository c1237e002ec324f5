import type { Verb } from './verb'

/** Verbs that queue a run, which changes tables later. */
export const TABLE_RUNS: readonly Verb[] = [
  {
    name: 'rewrite-files',
    title: 'Rewriting files',
    endpoint: 'startRewrite',
    actions: ['start-run'],
    writes: 'runs',
    stale: null,
    again: 'same',
    undoneBy: null,
    async prepare(lake) {
      await lake.createTable()
      await lake.append()
      return {
        input: { ...lake.wire, table: 't' },
        target: 't',
        proposal: { of: 'table', proposed: { action: { kind: 'rewrite-files' } } },
      }
    },
    differences: [
      'Nothing that was reviewed is sent: the run decides itself which files differ when it starts.',
      'It has no key: a table has one rewrite at a time, and the same request returns it.',
      'Its run cannot be undone as such; its snapshot can, in the history of the table.',
    ],
  },
  {
    name: 'delete-rows',
    title: 'Deleting rows by a filter',
    endpoint: 'startRowDeletion',
    actions: ['start-run'],
    writes: 'runs',
    stale: null,
    typedName: 'confirmedName',
    key: { isRequired: false, outcomeAt: null },
    undoneBy: null,
    async prepare(lake) {
      await lake.createTable()
      await lake.append()
      const where = '#1 is null'
      return {
        input: { ...lake.wire, table: 't', where, confirmedName: `${lake.namespace}.t` },
        target: 't',
        other: { where: `not (${where})` },
        proposal: { of: 'table', proposed: { action: { kind: 'delete-rows', where, branch: null } } },
      }
    },
    differences: [
      'Nothing that was reviewed is sent: the filter says which rows are deleted, whatever other writers commit.',
      'Its run cannot be undone as such; its snapshot can, in the history of the table.',
    ],
  },
  {
    name: 'clone-table',
    title: 'Cloning a table',
    endpoint: 'startClone',
    actions: ['start-clone'],
    hidesUnrecorded: true,
    writes: 'runs',
    stale: null,
    key: { isRequired: false, outcomeAt: 'findNewTable' },
    undoneBy: null,
    async prepare(lake) {
      await lake.createTable()
      const snapshotId = await lake.append()
      const copy = { toCatalog: lake.wire.catalog, toNamespace: lake.namespace, toTable: 'copy' }
      const choices = { keepsPartitioning: true, keepsSortOrder: true, keepsDescription: true, properties: [] }
      return {
        input: { ...lake.wire, table: 't', ...copy, snapshotId, schemaId: 0, ...choices },
        target: 'copy',
        other: { keepsSortOrder: false },
        outcomeOf: { table: 'copy' },
      }
    },
    differences: [
      'The snapshot of the review is sent, and looked for only when the run starts.',
      'It is not undone: the copy is dropped.',
      'The same clone that waits or is in progress is returned without a key, too.',
      'The endpoint needs `table:read` on the source; the right to create the copy is checked in the work.',
      'For a stranger the source is a refused read, and refused reads are not in the audit.',
    ],
  },
]
