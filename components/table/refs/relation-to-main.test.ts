import { expect, it } from 'vitest'
import { relationToMain } from './relation-to-main'

it.each([
  [{ snapshotId: '3', isOnMain: true, aheadCount: 0 }, '3', { kind: 'tip' }],
  [{ snapshotId: '2', isOnMain: true, aheadCount: null }, '3', { kind: 'behind' }],
  [{ snapshotId: '5', isOnMain: false, aheadCount: 2 }, '3', { kind: 'ahead', stepCount: 2 }],
  [{ snapshotId: '9', isOnMain: false, aheadCount: null }, '3', { kind: 'apart' }],
  [{ snapshotId: '9', isOnMain: false, aheadCount: null }, null, { kind: 'none' }],
] as const)('says where %j is, seen from main at %s', (snapshot, mainSnapshotId, relation) => {
  expect(relationToMain(mainSnapshotId, snapshot)).toEqual(relation)
})
