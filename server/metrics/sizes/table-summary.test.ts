import { expect, it } from 'vitest'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { countCommitsByDay, lastCommitMs } from './table-summary'

const DAY_MS = 86_400_000
const now = 1_800_000_000_000
const snapshotAt = (atMs: number) => sampleSnapshot(0, { timestampMs: atMs })

it('counts commits by day, with the last day ending now, and leaves older ones out', () => {
  const days = countCommitsByDay(
    { snapshots: [snapshotAt(now), snapshotAt(now - 1000), snapshotAt(now - DAY_MS), snapshotAt(now - 40 * DAY_MS)] },
    now,
  )
  expect(days).toHaveLength(30)
  expect(days.slice(-2)).toEqual([1, 2])
  expect(days.slice(0, -2).every((count) => count === 0)).toBe(true)
})

it('counts a commit from a clock that runs ahead as a commit of now', () => {
  expect(countCommitsByDay({ snapshots: [snapshotAt(now + 60_000)] }, now).at(-1)).toBe(1)
})

it('says the time of the snapshot of main, not that of one that a rollback left', () => {
  const snapshots = ([1, 2] as const).map((number) => sampleSnapshot(number, { timestampMs: number * 1_000 }))
  const [, first, second] = SAMPLE_SNAPSHOT_IDS
  expect(
    [first ?? null, second ?? null, null].map((currentSnapshotId) =>
      lastCommitMs(sampleMetadata({ snapshots, currentSnapshotId })),
    ),
  ).toEqual([1_000, 2_000, null])
})
