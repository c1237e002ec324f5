import { expect, it } from 'vitest'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { snapshotLines } from './snapshot-lines'

const PARENTS: Record<string, string | null> = { 1: null, 2: '1', 3: '2', 4: '2', 5: '4', 6: '5', 7: '1', 8: '7' }
const metadata = sampleMetadata({
  snapshots: Object.entries(PARENTS).map(([snapshotId, parentSnapshotId], i) =>
    sampleSnapshot(0, { snapshotId, parentSnapshotId, sequenceNumber: i + 1, timestampMs: 1_000 + i }),
  ),
  refs: {
    main: { type: 'branch', snapshotId: '3' },
    later: { type: 'branch', snapshotId: '6' },
    early: { type: 'branch', snapshotId: '4' },
    behind: { type: 'branch', snapshotId: '2' },
    kept: { type: 'tag', snapshotId: '8' },
  },
})

it('Each snapshot belongs to main, or to the branch with the oldest tip that reaches it', () => {
  const { branchOf } = snapshotLines(metadata)
  expect(Object.keys(PARENTS).map(branchOf)).toEqual(['main', 'main', 'main', 'early', 'later', 'later', null, null])
})

it('A tag reaches its own snapshot, and not the parent of that', () => {
  const { isReferenced } = snapshotLines(metadata)
  expect(Object.keys(PARENTS).filter((id) => !isReferenced(id))).toEqual(['7'])
})

it('Damaged metadata with a circle of parents ends', () => {
  const snapshots = [
    sampleSnapshot(0, { snapshotId: '1', parentSnapshotId: '2' }),
    sampleSnapshot(0, { snapshotId: '2', parentSnapshotId: '1' }),
  ]
  const { branchOf } = snapshotLines({ ...metadata, snapshots, refs: { main: { type: 'branch', snapshotId: '1' } } })
  expect([branchOf('1'), branchOf('2')]).toEqual(['main', 'main'])
})
