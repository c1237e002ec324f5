import { expect, it } from 'vitest'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { mightHoldRows } from './earlier-loads'

/** `main` is at 5, whose ancestors 4 and 3 are left, and 2 is expired; 6 was rolled back, and `audit` is at 7. */
function table(totalRecords = '9') {
  const parents = { '3': '2', '4': '3', '5': '4', '6': '5', '7': '4' }
  return sampleMetadata({
    snapshots: Object.entries(parents).map(([snapshotId, parentSnapshotId]) =>
      sampleSnapshot(0, {
        snapshotId,
        parentSnapshotId,
        sequenceNumber: Number(snapshotId),
        timestampMs: Number(snapshotId) * 1_000,
        summary: {
          operation: 'append',
          'total-records': snapshotId === '5' ? totalRecords : '9',
          ...(snapshotId === '5' && { 'source-snapshot-id': '50' }),
        },
      }),
    ),
    refs: { main: { snapshotId: '5', type: 'branch' }, audit: { snapshotId: '7', type: 'branch' } },
  })
}

it.each([
  ['an ancestor', '4', 3_500, 'main', true],
  ['one whose copy was published', '50', 4_500, 'dropped', true],
  ['one of another branch', '7', 6_500, 'audit', true],
  ['one of a dropped branch', '7', 6_500, 'dropped', false],
  ['one that was rolled back', '6', 5_500, 'main', false],
  ['an expired one that may have been an ancestor', '1', 500, 'main', true],
  ['an expired one that is younger than a known ancestor', '60', 5_500, 'main', false],
])('The rows of %s are or are not in the table', (_what, snapshotId, createdAtMs, branch, isHeld) => {
  expect(mightHoldRows(table(), { snapshotId, createdAtMs, branch })).toBe(isHeld)
})

it('A table that was emptied has no rows of earlier snapshots', () => {
  expect(mightHoldRows(table('0'), { snapshotId: '4', createdAtMs: 3_500, branch: 'main' })).toBe(false)
})
