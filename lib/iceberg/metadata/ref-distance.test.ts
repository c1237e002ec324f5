import { expect, it } from 'vitest'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { distanceFromMain } from './ref-distance'

const [first, second, , tip] = SAMPLE_SNAPSHOT_IDS
const { snapshots } = sampleMetadata()
const metadata = sampleMetadata({
  snapshots: [
    ...snapshots,
    sampleSnapshot(3, { snapshotId: '77', parentSnapshotId: second }),
    sampleSnapshot(3, { snapshotId: '78', parentSnapshotId: '77' }),
    sampleSnapshot(3, { snapshotId: '90', parentSnapshotId: 'expired' }),
    sampleSnapshot(3, { snapshotId: '91', parentSnapshotId: '91' }),
    sampleSnapshot(3, { snapshotId: '92', parentSnapshotId: null }),
  ],
})

it.each([
  [tip, 0, 0],
  [first, 0, 3],
  ['78', 2, 2],
  ['92', 1, 4],
])('A ref at %s is so far ahead of main and behind it', (snapshotId, aheadCount, behindCount) => {
  expect(distanceFromMain(metadata)(snapshotId)).toEqual({ aheadCount, behindCount })
})

it('There is no distance from a main that a table does not have, or of a snapshot that is gone', () => {
  expect(distanceFromMain(metadata)('123')).toBeNull()
  expect(distanceFromMain({ ...metadata, refs: {} })(tip)).toBeNull()
})

it('The distance is not known where snapshots that connected a ref with main have expired, or the metadata is damaged', () => {
  expect(['90', '91'].map(distanceFromMain(metadata))).toEqual([null, null])
  const expired = { ...metadata, snapshots: metadata.snapshots.filter(({ snapshotId }) => snapshotId !== second) }
  expect([first, '78', '92'].map(distanceFromMain(expired))).toEqual([null, null, null])
  expect(distanceFromMain(expired)(tip)).toEqual({ aheadCount: 0, behindCount: 0 })
})
