import { describe, expect, it } from 'vitest'
import { applyUpdates } from '../commit/apply-updates'
import type { AsOf } from '../as-of'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { ancestorIds, isAncestor } from './ancestors'
import { resolveAsOf } from './snapshot-graph'
import { catchAppError } from '@/testing/iceberg/catch-app-error'

const metadata = sampleMetadata()
const [first, second, third, tip] = SAMPLE_SNAPSHOT_IDS
const timestampOf = (index: 0 | 1 | 2 | 3) => sampleSnapshot(index).timestampMs

describe('as of', () => {
  it.each([
    ['now', {}, tip, 1, 'main', 'branch'],
    ['main', { ref: 'main' }, tip, 1, 'main', 'branch'],
    ['a branch, read with the current schema', { ref: 'audit' }, second, 1, 'audit', 'branch'],
    ['a tag, read with its snapshot’s schema', { ref: 'q1-close' }, first, 0, 'q1-close', 'tag'],
    ['a snapshot', { snapshotId: second }, second, 0, null, null],
    ['the time of a commit', { atMs: timestampOf(1) }, second, 0, null, null],
    ['a time between commits', { atMs: timestampOf(2) - 1 }, second, 0, null, null],
    ['a time after the last commit', { atMs: timestampOf(3) + 1 }, tip, 1, null, null],
  ] as [string, AsOf, string, number, string | null, string | null][])(
    '%s',
    (_name, asOf, snapshotId, schemaId, refName, refType) => {
      const resolved = resolveAsOf(metadata, asOf)
      expect(resolved.snapshot?.snapshotId).toBe(snapshotId)
      expect(resolved.schema.schemaId).toBe(schemaId)
      expect([resolved.refName, resolved.refType]).toEqual([refName, refType])
    },
  )

  it('a time when a snapshot was current that has been rolled back since', () => {
    const rolledBackAtMs = timestampOf(3) + 1000
    const after = applyUpdates(
      metadata,
      [{ action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: first }],
      { nowMs: rolledBackAtMs },
    )
    expect(resolveAsOf(after, { atMs: rolledBackAtMs - 1 }).snapshot?.snapshotId).toBe(tip)
    expect(resolveAsOf(after, { atMs: rolledBackAtMs }).snapshot?.snapshotId).toBe(first)
    expect(resolveAsOf(after, {}).snapshot?.snapshotId).toBe(first)
  })

  it('the later of two entries in the same millisecond', () => {
    const snapshotLog = [
      { timestampMs: 5, snapshotId: first },
      { timestampMs: 5, snapshotId: second },
    ]
    expect(resolveAsOf(sampleMetadata({ snapshotLog }), { atMs: 5 }).snapshot?.snapshotId).toBe(second)
  })

  it('a time before the log begins is refused, with the time when it begins', () => {
    const error = catchAppError(() => resolveAsOf(metadata, { atMs: timestampOf(0) - 1 }))
    expect([error.code, error.facts['earliestMs']]).toEqual(['not-found', timestampOf(0)])
    const noLogError = catchAppError(() => resolveAsOf(sampleMetadata({ snapshotLog: [] }), { atMs: 1 }))
    expect(noLogError.facts['earliestMs']).toBeNull()
  })

  it('a table without a snapshot has only its schema', () => {
    const empty = sampleMetadata({ currentSnapshotId: null, snapshots: [], snapshotLog: [], refs: {} })
    expect(resolveAsOf(empty, {})).toMatchObject({
      snapshot: null,
      schema: { schemaId: 1 },
      refName: 'main',
      refType: 'branch',
    })
    expect(resolveAsOf(empty, { ref: 'main' }).snapshot).toBeNull()
  })

  it('a snapshot without a schema id is read with the current schema', () => {
    const snapshots = [sampleSnapshot(0, { schemaId: null })]
    expect(resolveAsOf(sampleMetadata({ snapshots }), { snapshotId: first }).schema.schemaId).toBe(1)
  })

  it.each([
    [{ ref: 'gone' }, 'not-found'],
    [{ ref: 'constructor' }, 'not-found'],
    [{ snapshotId: '12' }, 'not-found'],
    [{ ref: 'main', atMs: 1 }, 'invalid-request'],
  ] as [AsOf, string][])('%o is refused', (asOf, code) => {
    expect(catchAppError(() => resolveAsOf(metadata, asOf)).code).toBe(code)
  })

  it('an expired snapshot that is still in the log is not found', () => {
    const snapshots = metadata.snapshots.slice(1)
    expect(catchAppError(() => resolveAsOf(sampleMetadata({ snapshots }), { atMs: timestampOf(0) })).code).toBe(
      'not-found',
    )
  })

  it('a schema that is not in the metadata is an error', () => {
    const snapshots = [sampleSnapshot(0, { schemaId: 9 })]
    expect(catchAppError(() => resolveAsOf(sampleMetadata({ snapshots }), { snapshotId: first })).code).toBe(
      'file-damaged',
    )
  })
})

describe('ancestors', () => {
  it('go back to the first snapshot, newest first', () => {
    expect(ancestorIds(metadata, tip)).toEqual([tip, third, second, first])
    expect(ancestorIds(metadata, '12')).toEqual([])
  })
  it('end at an expired parent', () => {
    expect(ancestorIds(sampleMetadata({ snapshots: metadata.snapshots.slice(2) }), tip)).toEqual([tip, third])
  })
  it('end when damaged metadata has a cycle', () => {
    const snapshots = [sampleSnapshot(0, { parentSnapshotId: second }), sampleSnapshot(1)]
    expect(ancestorIds(sampleMetadata({ snapshots }), second)).toEqual([second, first])
  })
  it('include the snapshot itself', () => {
    expect(isAncestor(metadata, { ancestorId: second, snapshotId: tip })).toBe(true)
    expect(isAncestor(metadata, { ancestorId: tip, snapshotId: tip })).toBe(true)
    expect(isAncestor(metadata, { ancestorId: tip, snapshotId: second })).toBe(false)
  })
})
