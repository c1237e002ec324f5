import type { SignedInUser } from '@/testing/homes/test-home'
import type { Verb } from './verb'
import type { VerbLake } from './verb-lake'

/** Verbs of snapshots that are decided by the server, and undo. */

const OF_TABLE = { table: 't' }
const CRITERIA = { maxAgeMs: 0, retainLast: 1, removeFilesAfterMs: 60_000 }

const typed = (lake: VerbLake) => ({ confirmedName: `${lake.namespace}.t` })
const undoOf = (lake: VerbLake) => (auditId: string) => ({ ...lake.wire, ...OF_TABLE, auditId, ...typed(lake) })

async function setUpExpiry(lake: VerbLake, user: SignedInUser) {
  await lake.createTable()
  await lake.append()
  await lake.append()
  const preview = () => lake.get(user, 'previewExpiry', { ...lake.wire, ...OF_TABLE, ...CRITERIA })
  // A snapshot may be of the future of the database's clock, by a few milliseconds.
  let shown = await preview()
  while (shown['intent'] === null) shown = await preview()
  return shown
}

async function expireAs(lake: VerbLake, user: SignedInUser): Promise<string> {
  const { intent } = await setUpExpiry(lake, user)
  const fields = { ...lake.wire, ...OF_TABLE, intents: [intent], ...typed(lake) }
  return String((await lake.get(user, 'commitChanges', fields))['auditId'])
}

export const TABLE_SNAPSHOTS: readonly Verb[] = [
  {
    name: 'expire',
    title: 'Expiring snapshots',
    endpoint: 'commitChanges',
    actions: ['expire-snapshots'],
    stale: 'commit-conflict',
    typedName: 'confirmedName',
    key: { isRequired: false, outcomeAt: 'findChange' },
    undoneBy: 'undoExpiry',
    async prepare(lake, editor) {
      const { intent } = await setUpExpiry(lake, editor)
      const toReviewed = async (reviewer: SignedInUser) => {
        const fields = { ...lake.wire, ...OF_TABLE, ...CRITERIA }
        const shown = await lake.get(reviewer, 'previewExpiry', fields)
        const { nowMs } = shown['criteria'] as { nowMs: number }
        return { reviewed: { kind: 'expire', nowMs, intent: shown['intent'] } }
      }
      return {
        input: { ...lake.wire, ...OF_TABLE, intents: [intent], ...typed(lake) },
        target: 't',
        change: () => lake.append(),
        other: { intents: [{ ...(intent as object), removeFilesAfterMs: 120_000 }] },
        proposal: { of: 'table', proposed: { action: { kind: 'expire', ...CRITERIA } }, toReviewed },
        toUndo: (auditId) => ({ ...lake.wire, ...OF_TABLE, auditId }),
      }
    },
    differences: ['It is undone by an endpoint of its own, because no update of Iceberg brings a snapshot back.'],
  },
  {
    name: 'undo-expiry',
    title: 'Undoing an expiry',
    endpoint: 'undoExpiry',
    actions: ['cancel-run', 'undo'],
    stale: 'not-supported',
    key: { isRequired: false, outcomeAt: 'findChange' },
    undoneBy: null,
    async prepare(lake, editor) {
      const auditId = await expireAs(lake, editor)
      const action = { kind: 'undo-expiry', auditId, newName: null }
      return {
        input: { ...lake.wire, ...OF_TABLE, auditId },
        target: 't',
        change: () => lake.append(),
        other: { newName: 'another' },
        proposal: { of: 'table', proposed: { action } },
      }
    },
    differences: [
      'Two entries: the removal of the files is a run, and is cancelled in a transaction before that of the table.',
      'It is not undone: the snapshots expire again.',
      'No conflict: after any commit, its own too, the expiry cannot be undone any more.',
    ],
  },
  {
    name: 'cherry-pick',
    title: 'Cherry-picking a snapshot',
    endpoint: 'commitCherryPick',
    actions: ['cherry-pick'],
    stale: 'commit-conflict',
    key: { isRequired: false, outcomeAt: 'findChange' },
    undoneBy: 'undoAction',
    leavesSnapshot: true,
    async prepare(lake) {
      await lake.createTable()
      const first = await lake.append()
      await lake.setRef('audit', first)
      const snapshotId = await lake.append('audit')
      const tipSnapshotId = await lake.append()
      return {
        input: { ...lake.wire, ...OF_TABLE, snapshotId, branch: 'main', tipSnapshotId },
        target: 't',
        change: () => lake.append(),
        other: { branch: 'audit' },
        proposal: {
          of: 'table',
          proposed: { action: { kind: 'cherry-pick', snapshotId, branch: 'main' } },
          toReviewed: async () => ({ reviewed: { kind: 'cherry-pick', tipSnapshotId } }),
        },
        toUndo: undoOf(lake),
      }
    },
  },
  {
    name: 'publish',
    title: 'Publishing a branch',
    endpoint: 'publish',
    actions: ['publish'],
    stale: 'commit-conflict',
    key: { isRequired: false, outcomeAt: 'findChange' },
    undoneBy: 'undoAction',
    async prepare(lake) {
      await lake.createTable()
      const mainSnapshotId = await lake.append()
      await lake.setRef('audit', mainSnapshotId)
      const snapshotId = await lake.append('audit')
      return {
        input: { ...lake.wire, ...OF_TABLE, snapshotId, branch: 'audit', mainSnapshotId },
        target: 't',
        change: () => lake.append(),
        other: { branch: null },
        proposal: {
          of: 'table',
          proposed: { action: { kind: 'publish', snapshotId, branch: 'audit' } },
          toReviewed: async () => ({ reviewed: { kind: 'publish', mainSnapshotId } }),
        },
        toUndo: undoOf(lake),
      }
    },
  },
  {
    name: 'undo',
    title: 'Undoing a change',
    endpoint: 'undoAction',
    actions: ['undo'],
    stale: 'commit-conflict',
    typedName: 'confirmedName',
    key: { isRequired: false, outcomeAt: 'findChange' },
    undoneBy: 'undoAction',
    async prepare(lake, editor) {
      await lake.createTable()
      const [first, second] = [await lake.append(), await lake.append()]
      const forward = {
        kind: 'create-ref',
        refName: 'audit',
        type: 'branch',
        snapshotId: second,
        retention: { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null },
      }
      const fields = { ...lake.wire, ...OF_TABLE, intents: [forward] }
      await lake.setRef('main', first)
      const auditId = String((await lake.get(editor, 'commitChanges', fields))['auditId'])
      const action = { kind: 'undo', auditId, undone: 'create-ref', safetyTag: null }
      return {
        input: { ...lake.wire, ...OF_TABLE, auditId, ...typed(lake) },
        target: 't',
        change: () => lake.setRef('audit', first),
        other: { safetyTag: { name: 'before', maxRefAgeMs: null } },
        proposal: { of: 'table', proposed: { action } },
        toUndo: undoOf(lake),
      }
    },
    differences: ['What is undone is named by an audit entry, so a proposal of it needs no `reviewed`.'],
  },
]
