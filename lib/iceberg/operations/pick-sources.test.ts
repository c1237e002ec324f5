import { describe, expect, it } from 'vitest'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import type { TableMetadata } from '../metadata/table-metadata'
import { mightHaveHadChanges, sameChangesOnBranch } from './pick-sources'

type Commit = { id: string; parent: string | null; source?: string; sequenceNumber?: number }

/** Commits in their order. A parent or a source that is not among them has expired. */
function table(commits: readonly Commit[]): TableMetadata {
  return sampleMetadata({
    snapshots: commits.map(({ id, parent, source, sequenceNumber }, i) =>
      sampleSnapshot(0, {
        snapshotId: id,
        parentSnapshotId: parent,
        sequenceNumber: sequenceNumber ?? i + 1,
        summary: { operation: 'append', ...(source !== undefined && { 'source-snapshot-id': source }) },
      }),
    ),
  })
}

describe('The changes of a snapshot', () => {
  const metadata = table([
    { id: '1', parent: null },
    { id: '2', parent: '1' },
    { id: '3', parent: '1', source: '2' },
    { id: '4', parent: '3', source: 'gone' },
    { id: '5', parent: '1', source: '3' },
    { id: '6', parent: '1', source: 'gone' },
    { id: '7', parent: '1', source: '5' },
    { id: '8', parent: '1' },
  ])

  it.each<[of: string, found: string | null, because: string]>([
    ['1', '1', 'it is an ancestor'],
    ['3', '3', 'it is an ancestor'],
    ['2', '3', 'a copy of it is an ancestor'],
    ['5', '3', 'it is a copy of an ancestor, and so on'],
    ['7', '3', 'it is a copy of a copy of an ancestor'],
    ['6', '4', 'both are copies of one that has expired'],
    ['8', null, 'none'],
    ['gone', '4', 'it has expired, and an ancestor is a copy'],
  ])('of %s are on a branch at 4 as %s: %s', (snapshotId, found, _because) => {
    expect(sameChangesOnBranch(metadata, '4')(snapshotId)).toBe(found)
  })

  it('are on a branch that has the origin of a copy, or another copy, and on no branch without a snapshot', () => {
    expect(sameChangesOnBranch(metadata, '2')('7')).toBe('2')
    expect(sameChangesOnBranch(metadata, '7')('3')).toBe('7')
    expect(sameChangesOnBranch(metadata, null)('1')).toBeNull()
  })

  it('are found in damaged metadata whose copies are copies of themselves', () => {
    const circle = table([
      { id: '1', parent: null, source: '2' },
      { id: '2', parent: null, source: '1' },
    ])
    expect(sameChangesOnBranch(circle, '1')('2')).toBe('1')
    expect(mightHaveHadChanges(circle, '1', '2')).toBe(false)
  })
})

describe('Whether a branch had changes that it shows no longer', () => {
  it('is not known of commits that are older than the ones it is left with', () => {
    const metadata = table([
      { id: '2', parent: '1' },
      { id: '5', parent: '4' },
      { id: '6', parent: '5' },
      { id: '7', parent: '2' },
      { id: '8', parent: '7', source: '2' },
      { id: '9', parent: '7', source: 'gone' },
    ])
    const isUnknown = (snapshotId: string) => mightHaveHadChanges(metadata, '6', snapshotId)
    expect(['2', '8', '9'].map(isUnknown)).toEqual([true, true, true])
    expect(isUnknown('7')).toBe(false)
  })

  it('is known of a branch with all its history, of one without a snapshot, and of a child of its commits', () => {
    const whole = table([
      { id: '1', parent: null },
      { id: '2', parent: 'gone' },
    ])
    expect(mightHaveHadChanges(whole, '1', '2')).toBe(false)
    expect(mightHaveHadChanges(whole, null, '2')).toBe(false)
    // Format v1 has no sequence numbers.
    const v1 = table([
      { id: '2', parent: 'gone', sequenceNumber: 0 },
      { id: '3', parent: '2', sequenceNumber: 0 },
      { id: '4', parent: '2', sequenceNumber: 0 },
      { id: '5', parent: 'gone', sequenceNumber: 0 },
    ])
    expect([mightHaveHadChanges(v1, '3', '4'), mightHaveHadChanges(v1, '3', '5')]).toEqual([false, true])
  })
})
