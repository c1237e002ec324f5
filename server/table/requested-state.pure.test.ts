import { expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { resolveRequestedState } from './requested-state'

const metadata = sampleMetadata()
const tip = SAMPLE_SNAPSHOT_IDS[3]
const tipMs = sampleSnapshot(3).timestampMs
const nowMs = tipMs + 3_600_000
const snapshotAt = (atMs: number, now = nowMs) => resolveRequestedState(metadata, { atMs }, now).snapshot?.snapshotId

it('refuses a time in the future, and says what time it is', () => {
  const error = catchAppError(() => snapshotAt(nowMs + 60_001))
  expect(error.code).toBe('not-found')
  expect(error.message).toContain('in the future')
  expect(error.facts).toEqual({ atMs: nowMs + 60_001, nowMs })
  expect(catchAppError(() => snapshotAt(99_999_999_999_999)).code).toBe('not-found')
})

it('accepts the time of a browser whose clock is a little ahead', () => {
  expect(snapshotAt(nowMs)).toBe(tip)
  expect(snapshotAt(nowMs + 60_000)).toBe(tip)
})

it('accepts the time of the last commit, though the clock of its writer was ahead', () => {
  expect(snapshotAt(tipMs, tipMs - 3_600_000)).toBe(tip)
  expect(catchAppError(() => snapshotAt(tipMs + 1, tipMs - 3_600_000)).code).toBe('not-found')
})

it('reads a table without a time as it is', () => {
  expect(resolveRequestedState(metadata, {}, 0).snapshot?.snapshotId).toBe(tip)
})
