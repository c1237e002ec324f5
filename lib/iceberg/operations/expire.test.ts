import { describe, expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { applyUpdates, checkRequirements } from '../commit/apply-updates'
import { expireSnapshots } from './expire'

const [first, second, third, fourth] = SAMPLE_SNAPSHOT_IDS
const metadata = sampleMetadata({
  refs: {
    main: { snapshotId: fourth, type: 'branch' },
    old: { snapshotId: first, type: 'tag', maxRefAgeMs: 1 },
    kept: { snapshotId: second, type: 'tag' },
  },
  statistics: [
    { 'snapshot-id': BigInt(third), 'statistics-path': 'a.puffin' },
    { 'snapshot-id': BigInt(second), 'statistics-path': 'b.puffin' },
  ],
})
const nowMs = metadata.lastUpdatedMs + 100 * 86_400_000

describe('An expiry', () => {
  it('removes refs and snapshots that have expired, with their statistics', () => {
    const { change } = expireSnapshots(metadata, { nowMs })
    expect(change?.updates).toEqual([
      { action: 'remove-snapshot-ref', refName: 'old' },
      { action: 'remove-snapshots', snapshotIds: [first, third] },
    ])
    const after = applyUpdates(metadata, change?.updates ?? [], { nowMs })
    expect(Object.keys(after.refs)).toEqual(['main', 'kept'])
    expect(after.statistics).toEqual([{ 'snapshot-id': BigInt(second), 'statistics-path': 'b.puffin' }])
  })

  it('is a conflict when any ref has moved or gone', () => {
    const { change } = expireSnapshots(metadata, { nowMs })
    const { refs } = metadata
    for (const moved of [
      { ...refs, main: { snapshotId: third, type: 'branch' as const } },
      { ...refs, kept: { snapshotId: third, type: 'tag' as const } },
      { main: refs.main ?? { snapshotId: fourth, type: 'branch' as const } },
    ]) {
      const now = { ...metadata, refs: moved }
      expect(catchAppError(() => checkRequirements(now, change?.requirements ?? []))).toMatchObject({
        code: 'commit-conflict',
      })
    }
    checkRequirements(metadata, change?.requirements ?? [])
  })

  it('is no commit when nothing has expired', () => {
    expect(expireSnapshots(metadata, { nowMs: metadata.lastUpdatedMs, olderThanMs: 0 }).change?.updates).toEqual([
      { action: 'remove-snapshot-ref', refName: 'old' },
    ])
    const { old: _, ...refs } = metadata.refs
    expect(expireSnapshots({ ...metadata, refs }, { nowMs, olderThanMs: 0 }).change).toBeNull()
  })

  it('is refused while the table says that others may use its files (commit-safety 20)', () => {
    const shared = { ...metadata, properties: { 'gc.enabled': 'FALSE' } }
    expect(catchAppError(() => expireSnapshots(shared, { nowMs }))).toMatchObject({ code: 'not-supported' })
  })
})
