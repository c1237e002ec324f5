import { describe, expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import type { AsOf } from '../../iceberg/as-of'
import { planRefMove } from './plan-ref-move'

const [first, second, third, tip] = SAMPLE_SNAPSHOT_IDS
const APART = '77'
const metadata = sampleMetadata({
  snapshots: [
    ...sampleMetadata().snapshots,
    sampleSnapshot(3, { snapshotId: APART, parentSnapshotId: first, sequenceNumber: 9 }),
  ],
})
const safetyTag = { name: 'before', maxRefAgeMs: null }

describe('The move of a ref', () => {
  it.each([
    ['main', { snapshotId: second }, { kind: 'roll-back', fromSnapshotId: tip, toSnapshotId: second, safetyTag }],
    ['main', { ref: 'audit' }, { kind: 'roll-back', fromSnapshotId: tip, toSnapshotId: second, safetyTag }],
    ['main', { atMs: sampleSnapshot(0).timestampMs }, { kind: 'roll-back', toSnapshotId: first }],
    ['main', { snapshotId: APART }, { kind: 'set-ref', refName: 'main', toSnapshotId: APART, safetyTag }],
    ['audit', { ref: 'main' }, { kind: 'fast-forward', refName: 'audit', toRefName: 'main', toSnapshotId: tip }],
    ['audit', { snapshotId: third }, { kind: 'set-ref', fromSnapshotId: second, toSnapshotId: third, safetyTag: null }],
    ['audit', { snapshotId: first }, { kind: 'set-ref', refName: 'audit', toSnapshotId: first, safetyTag }],
    ['audit', { atMs: sampleSnapshot(1).timestampMs - 1 }, { kind: 'set-ref', toSnapshotId: first, safetyTag }],
    // Main reaches the snapshot that the tag leaves.
    ['q1-close', { snapshotId: tip }, { kind: 'set-ref', refName: 'q1-close', toSnapshotId: tip, safetyTag: null }],
  ] as [string, AsOf, object][])('of %s to %o is the intent for it', (branch, to, intent) => {
    expect(planRefMove(metadata, { branch, to, safetyTag })).toMatchObject(intent)
  })

  it.each([
    ['main', { snapshotId: '123' }, 'not-found', { snapshotId: '123', hint: 'Choose another snapshot.' }],
    ['gone', { snapshotId: first }, 'not-found', { refName: 'gone' }],
    ['main', { ref: 'gone' }, 'not-found', { refName: 'gone' }],
    ['main', { ref: 'main' }, 'invalid-request', { branch: 'main', snapshotId: tip }],
    ['audit', { atMs: 0 }, 'not-found', { atMs: 0 }],
  ] as [string, AsOf, string, object][])('of %s to %o is refused', (branch, to, code, facts) => {
    const error = catchAppError(() => planRefMove(metadata, { branch, to, safetyTag }))
    expect([error.code, error.facts]).toEqual([code, facts])
  })
})
