import { describe, expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { applyUpdates, checkRequirements } from '../../iceberg/commit/apply-updates'
import { expireSnapshots } from '@/testing/iceberg/expiry-change'
import { changeForIntents, findConflicts, losesSnapshots, reverseIntents } from './intent-changes'
import { planExpiry } from './plan-expiry'

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

  it('is a conflict when a ref is new or another expiry was first, and is not decided again', () => {
    const { intent } = planExpiry(metadata, { nowMs }, 1_000)
    if (intent === null) throw new Error('nothing expires')
    expect(intent).toMatchObject({ snapshotIds: [first, third], refNames: ['old'], removeFilesAfterMs: 1_000 })
    const tagged = { ...metadata, refs: { ...metadata.refs, hold: { snapshotId: third, type: 'tag' as const } } }
    const shorter = { ...metadata, snapshots: metadata.snapshots.filter(({ snapshotId }) => snapshotId !== first) }
    for (const [now, what] of [
      [tagged, 'hold at snapshot'],
      [shorter, 'without snapshot'],
    ] as const) {
      expect(findConflicts(now, [intent])).toMatchObject([{ current: expect.stringContaining(what), rebased: null }])
      expect(catchAppError(() => changeForIntents(now, [intent]))).toMatchObject({ code: 'commit-conflict' })
    }
    expect(losesSnapshots(metadata, [intent])).toBe(true)
    expect(reverseIntents(metadata, metadata, [intent])).toBeNull()
  })

  it('never takes a snapshot that a ref names, or main itself, whatever the intent says', () => {
    const { intent } = planExpiry(metadata, { nowMs })
    if (intent === null) throw new Error('nothing expires')
    for (const wrong of [
      { ...intent, snapshotIds: [fourth] },
      { ...intent, snapshotIds: [first], refNames: [] },
      { ...intent, refNames: ['main'] },
    ])
      expect(catchAppError(() => changeForIntents(metadata, [wrong]))).toMatchObject({ code: 'invalid-request' })
  })

  it('is not a commit when nothing has expired', () => {
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
