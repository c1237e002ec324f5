import type { RefMoveImpact } from '@/lib/contract/table/refs'

const row = { now: 30, removed: 20, restored: 0, after: 10 }

/** For tests: moving `main` back by one commit. */
export const SAMPLE_REF_MOVE: RefMoveImpact = {
  branch: 'main',
  type: 'branch',
  fromSnapshotId: '13',
  fromCommittedAtMs: 3_000,
  toSnapshotId: '12',
  toCommittedAtMs: 2_000,
  rows: row,
  dataFiles: row,
  deleteFiles: row,
  bytes: row,
  currentSchemaId: 0,
  targetSchemaId: 0,
  missingColumns: [],
  currentFilesProblem: null,
  removedSnapshotCount: 1,
  addedSnapshotCount: 0,
  otherRefs: [],
  unreferencedSnapshotIds: ['13'],
  unreferencedExpireAtMs: null,
  request: { path: '/v1/x', body: '{}' },
}
