import { describe, expect, it } from 'vitest'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import type { SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import { type ExpiryRequest, retainedSnapshots } from './retained-snapshots'

const [first, second, third, fourth] = SAMPLE_SNAPSHOT_IDS
const DAY_MS = 86_400_000
const COMMITTED_MS = [0, 1, 2, 3].map((index) => sampleSnapshot(index as 0 | 1 | 2 | 3).timestampMs)
const [firstMs = 0, , , fourthMs = 0] = COMMITTED_MS

function table(refs: Record<string, SnapshotRef>, properties: Record<string, string> = {}): TableMetadata {
  return sampleMetadata({ refs, properties })
}
const main = (overrides: Partial<SnapshotRef> = {}): SnapshotRef => ({
  snapshotId: fourth,
  type: 'branch',
  ...overrides,
})

/** The reason why each snapshot is retained, oldest first. */
function retainedBy(metadata: TableMetadata, request: Partial<ExpiryRequest>) {
  return retainedSnapshots(metadata, { nowMs: fourthMs + 100 * DAY_MS, ...request }).snapshots.map(
    (one) => one.retainedBy,
  )
}

describe('What an expiry keeps', () => {
  it('is the tip of main, and as many snapshots as the table, the branch or the request says', () => {
    expect(retainedBy(table({ main: main() }), {})).toEqual([null, null, null, 'main'])
    const two = { 'history.expire.min-snapshots-to-keep': '2' }
    expect(retainedBy(table({ main: main() }, two), {})).toEqual([null, null, 'main', 'main'])
    expect(retainedBy(table({ main: main() }, two), { retainLast: 3 })).toEqual([null, 'main', 'main', 'main'])
    // The branch's own number counts, even against the request.
    expect(retainedBy(table({ main: main({ minSnapshotsToKeep: 2 }) }), { retainLast: 4 })).toEqual([
      null,
      null,
      'main',
      'main',
    ])
  })

  it('is what is young enough: exactly at the limit stays', () => {
    const metadata = table({ main: main() }, { 'history.expire.max-snapshot-age-ms': String(2 * DAY_MS) })
    expect(retainedBy(metadata, { nowMs: fourthMs + DAY_MS })).toEqual([null, null, 'main', 'main'])
    expect(retainedBy(metadata, { nowMs: fourthMs })).toEqual([null, 'main', 'main', 'main'])
    expect(retainedBy(metadata, { olderThanMs: firstMs })).toEqual(['main', 'main', 'main', 'main'])
    expect(retainedBy(metadata, { olderThanMs: firstMs + 1 })).toEqual([null, 'main', 'main', 'main'])
    const withOwnAge = table({ main: main({ maxSnapshotAgeMs: DAY_MS }) })
    expect(retainedBy(withOwnAge, { nowMs: fourthMs, olderThanMs: 0 })).toEqual([null, null, 'main', 'main'])
  })

  it('is five days of snapshots if nothing says otherwise', () => {
    const metadata = table({ main: main() })
    expect(retainedBy(metadata, { nowMs: firstMs + 5 * DAY_MS })).toEqual(['main', 'main', 'main', 'main'])
    expect(retainedBy(metadata, { nowMs: firstMs + 5 * DAY_MS + 1 })).toEqual([null, 'main', 'main', 'main'])
  })

  it('is what any ref keeps: a tag one snapshot, a branch its own history (commit-safety 18)', () => {
    const metadata = table({
      main: main(),
      old: { snapshotId: first, type: 'tag' },
      audit: { snapshotId: third, type: 'branch', minSnapshotsToKeep: 2 },
    })
    const { snapshots, retainedRefs } = retainedSnapshots(metadata, { nowMs: fourthMs + 100 * DAY_MS })
    expect(snapshots).toEqual([
      { snapshotId: first, retainedByRefs: ['old'], retainedBy: 'other-refs' },
      { snapshotId: second, retainedByRefs: ['audit'], retainedBy: 'other-refs' },
      { snapshotId: third, retainedByRefs: ['audit'], retainedBy: 'other-refs' },
      { snapshotId: fourth, retainedByRefs: ['main'], retainedBy: 'main' },
    ])
    expect(retainedRefs).toEqual(['main', 'old', 'audit'])
  })

  it('does not include refs that are too old, but always main', () => {
    const metadata = table(
      {
        main: main({ maxRefAgeMs: 1 }),
        old: { snapshotId: first, type: 'tag' },
        young: { snapshotId: third, type: 'tag' },
      },
      { 'history.expire.max-ref-age-ms': String(2 * DAY_MS) },
    )
    const retention = retainedSnapshots(metadata, { nowMs: fourthMs + DAY_MS })
    expect([retention.retainedRefs, retention.expiredRefs]).toEqual([['main', 'young'], ['old']])
    expect(retainedBy(metadata, { nowMs: fourthMs + DAY_MS, olderThanMs: fourthMs })).toEqual([
      null,
      null,
      'other-refs',
      'main',
    ])
    // The longest age that Java can write is not a limit.
    const forever = { 'history.expire.max-ref-age-ms': '9223372036854775807' }
    expect(retainedSnapshots(sampleMetadata({ properties: forever }), { nowMs: fourthMs * 2 }).expiredRefs).toEqual([])
  })

  it('is a snapshot that no ref reaches, until it is old enough', () => {
    const metadata = table({ main: main({ snapshotId: second }), tip: { snapshotId: fourth, type: 'tag' } })
    // The tag does not reach the parent of its snapshot.
    expect(retainedBy(metadata, { olderThanMs: firstMs + 2 * DAY_MS })).toEqual([null, 'main', 'age', 'other-refs'])
    expect(retainedBy(metadata, { olderThanMs: firstMs + 2 * DAY_MS + 1 })).toEqual([null, 'main', null, 'other-refs'])
  })

  it('never is a snapshot that was named, unless a ref names it', () => {
    const metadata = table({ main: main({ minSnapshotsToKeep: 4 }), old: { snapshotId: first, type: 'tag' } })
    expect(retainedBy(metadata, { snapshotIds: [second] })).toEqual(['main', null, 'main', 'main'])
    expect(catchAppError(() => retainedBy(metadata, { snapshotIds: [first] }))).toMatchObject({
      code: 'invalid-request',
      facts: { snapshotId: first, refs: 'old' },
    })
    expect(catchAppError(() => retainedBy(metadata, { snapshotIds: ['5'] }))).toMatchObject({ code: 'not-found' })
    const several = catchAppError(() => retainedBy(metadata, { snapshotIds: ['5', first, '6', fourth] }))
    expect(several.code).toBe('not-found')
    expect(several.message).toBe(
      `The table has no snapshots 5, 6. Snapshots cannot expire while a branch or a tag names them: ${first} (old), ${fourth} (main).`,
    )
    const many = Array.from({ length: 9 }, (_, i) => String(i + 1))
    expect(catchAppError(() => retainedBy(metadata, { snapshotIds: many })).message).toBe(
      'The table has no snapshots 1, 2, 3, 4, 5 and 4 more.',
    )
    // A tag that has expired does not protect its snapshot.
    const expired = table({ main: main(), old: { snapshotId: first, type: 'tag', maxRefAgeMs: 1 } })
    expect(retainedBy(expired, { snapshotIds: [first] })[0]).toBeNull()
  })

  it('is not decided with limits that are not numbers', () => {
    for (const name of ['max-snapshot-age-ms', 'min-snapshots-to-keep', 'max-ref-age-ms']) {
      const metadata = table({ main: main() }, { [`history.expire.${name}`]: '5 days' })
      expect(catchAppError(() => retainedBy(metadata, {}))).toMatchObject({ code: 'invalid-request' })
    }
    expect(catchAppError(() => retainedBy(table({ main: main() }), { retainLast: 0 }))).toMatchObject({
      code: 'invalid-request',
    })
  })
})
