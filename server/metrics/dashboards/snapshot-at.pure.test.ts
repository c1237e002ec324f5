import { expect, it } from 'vitest'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { snapshotAt } from './snapshot-at'

const metadata = sampleMetadata()
const second = metadata.snapshotLog[1]?.timestampMs ?? 0

it('The snapshot is the snapshot that the log names for that time', () => {
  expect(snapshotAt(metadata, second)?.snapshotId).toBe(SAMPLE_SNAPSHOT_IDS[1])
  expect(snapshotAt(metadata, second - 1)?.snapshotId).toBe(SAMPLE_SNAPSHOT_IDS[0])
})

it('The snapshot is null before the first commit', () => {
  expect(snapshotAt(metadata, 0)).toBeNull()
  expect(snapshotAt({ ...metadata, snapshots: [], snapshotLog: [] }, second)).toBeNull()
})

it('The snapshot is unknown when the snapshot has expired, or when there is no log', () => {
  expect(snapshotAt({ ...metadata, snapshots: [sampleSnapshot(3)] }, second)).toBeUndefined()
  expect(snapshotAt({ ...metadata, snapshotLog: [] }, second)).toBeUndefined()
  expect(snapshotAt({ ...metadata, snapshotLog: metadata.snapshotLog.slice(2) }, second)).toBeUndefined()
})
