import { describe, expect, it } from 'vitest'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import type { SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import { expiryTimesMs, refMove } from './ref-move'

const [first, second, third, fourth] = SAMPLE_SNAPSHOT_IDS
const DAY_MS = 86_400_000
const committedMs = (index: 0 | 1 | 2 | 3) => sampleSnapshot(index).timestampMs
const ages = { 'history.expire.max-snapshot-age-ms': String(10 * DAY_MS) }

function table(refs: Record<string, SnapshotRef>, properties: Record<string, string> = ages): TableMetadata {
  return sampleMetadata({ refs, properties })
}
const main = (overrides: Partial<SnapshotRef> = {}): SnapshotRef => ({
  snapshotId: fourth,
  type: 'branch',
  ...overrides,
})

describe('Moving a ref', () => {
  it('leaves the snapshots behind that no ref reaches any more, newest first', () => {
    expect(refMove(table({ main: main() }), { refName: 'main', toSnapshotId: second })).toEqual({
      unreachableSnapshotIds: [fourth, third],
      earliestExpiryMs: committedMs(2) + 10 * DAY_MS + 1,
    })
    expect(refMove(table({ main: main() }), { refName: 'main', toSnapshotId: fourth })).toEqual({
      unreachableSnapshotIds: [],
      earliestExpiryMs: null,
    })
  })

  it('leaves nothing behind that another branch reaches; a tag reaches only its own snapshot', () => {
    const move = { refName: 'main', toSnapshotId: first }
    const branch = table({ main: main(), audit: { snapshotId: third, type: 'branch' } })
    expect(refMove(branch, move).unreachableSnapshotIds).toEqual([fourth])
    const tag = table({ main: main(), before: { snapshotId: fourth, type: 'tag' } })
    expect(refMove(tag, move).unreachableSnapshotIds).toEqual([third, second])
  })

  it('applies to other branches and to removals', () => {
    const metadata = table({ main: main({ snapshotId: second }), audit: { snapshotId: fourth, type: 'branch' } })
    expect(refMove(metadata, { refName: 'audit', toSnapshotId: null }).unreachableSnapshotIds).toEqual([fourth, third])
    expect(refMove(metadata, { refName: 'new', toSnapshotId: third }).unreachableSnapshotIds).toEqual([])
  })

  it.each(['never', '9223372036854775807'])('names no time if the age of snapshots is %s', (age) => {
    const metadata = table({ main: main() }, { 'history.expire.max-snapshot-age-ms': age })
    expect(refMove(metadata, { refName: 'main', toSnapshotId: first })).toEqual({
      unreachableSnapshotIds: [fourth, third, second],
      earliestExpiryMs: null,
    })
  })
})

describe('The time at which a snapshot may expire', () => {
  const timesOf = (metadata: TableMetadata) => [...expiryTimesMs(metadata, SAMPLE_SNAPSHOT_IDS).values()]

  it('is never, for the newest ones of a branch by its number', () => {
    const metadata = table({ main: main({ minSnapshotsToKeep: 3 }) })
    expect(timesOf(metadata)).toEqual([committedMs(0) + 10 * DAY_MS + 1, Infinity, Infinity, Infinity])
    const byProperty = table({ main: main() }, { ...ages, 'history.expire.min-snapshots-to-keep': '4' })
    expect(timesOf(byProperty)).toEqual([Infinity, Infinity, Infinity, Infinity])
  })

  it('is when no ref keeps it any more, or the last that does has expired itself', () => {
    const audit: SnapshotRef = { snapshotId: third, type: 'branch', minSnapshotsToKeep: 9, maxRefAgeMs: 30 * DAY_MS }
    const end = committedMs(2) + 30 * DAY_MS + 1
    expect(timesOf(table({ main: main(), audit }))).toEqual([end, end, end, Infinity])
    const old: SnapshotRef = { snapshotId: first, type: 'tag', maxRefAgeMs: DAY_MS }
    // By then no ref reaches it, and it is not old enough.
    expect(timesOf(table({ main: main({ snapshotId: second }), old }))[0]).toBe(committedMs(0) + 10 * DAY_MS + 1)
  })

  it('may be earlier than the table’s age, by the age of the branch', () => {
    expect(timesOf(table({ main: main({ maxSnapshotAgeMs: DAY_MS }) }))).toEqual([
      committedMs(0) + DAY_MS + 1,
      committedMs(1) + DAY_MS + 1,
      committedMs(2) + DAY_MS + 1,
      Infinity,
    ])
  })
})
