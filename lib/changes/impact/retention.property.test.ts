import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { randomHistory } from '@/testing/iceberg/random-history'
import { applyUpdates } from '../../iceberg/commit/apply-updates'
import { expireSnapshots } from '@/testing/iceberg/expiry-change'
import { ancestorIds } from '../../iceberg/metadata/ancestors'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import { expiryTimesMs, refMove } from './ref-move'
import { retainedSnapshots } from './retained-snapshots'

const RUNS = propertyRuns(1000)
const idsOf = ({ snapshots }: { snapshots: readonly { snapshotId: string }[] }) =>
  snapshots.map(({ snapshotId }) => snapshotId)

it('Every snapshot is either retained or removed, no ref loses its snapshot, and a second expiry at once removes nothing', () => {
  let removedCount = 0
  fc.assert(
    fc.property(randomHistory(), fc.nat(200), (metadata, laterMs) => {
      const nowMs = 1_000 + laterMs
      const { retention, change } = expireSnapshots(metadata, { nowMs })
      expect(idsOf(retention)).toEqual(idsOf(metadata))
      expect([...retention.retainedRefs, ...retention.expiredRefs].sort()).toEqual(Object.keys(metadata.refs).sort())
      const after = change ? applyUpdates(metadata, change.updates, { nowMs }) : metadata
      const retained = retention.snapshots.filter(({ retainedBy }) => retainedBy !== null)
      expect(idsOf(after)).toEqual(retained.map(({ snapshotId }) => snapshotId))
      expect(Object.keys(after.refs).sort()).toEqual(retention.retainedRefs.toSorted())
      for (const { snapshotId } of Object.values(after.refs)) expect(idsOf(after)).toContain(snapshotId)
      expect(expireSnapshots(after, { nowMs }).change).toBeNull()
      removedCount += idsOf(metadata).length - retained.length
    }),
    RUNS,
  )
  expect(removedCount).toBeGreaterThan(RUNS.numRuns / 10)
})

it('The time of expiry is the first moment at which an expiry removes the snapshot', () => {
  const runs = propertyRuns(200)
  let finite = 0
  fc.assert(
    fc.property(randomHistory(), (metadata) => {
      const times = expiryTimesMs(metadata, idsOf(metadata))
      for (const { snapshotId, timestampMs } of metadata.snapshots) {
        const isRemovedAt = (nowMs: number) =>
          retainedSnapshots(metadata, { nowMs }).snapshots.some(
            (one) => one.snapshotId === snapshotId && one.retainedBy === null,
          )
        const moments = Array.from({ length: 260 }, (_, index) => timestampMs + index)
        const firstMs = moments.find(isRemovedAt) ?? Infinity
        expect(times.get(snapshotId)).toBe(firstMs)
        if (firstMs < Infinity) finite += 1
      }
    }),
    runs,
  )
  expect(finite).toBeGreaterThan(runs.numRuns / 2)
})

it('A ref move leaves behind what was reached before and is not afterwards', () => {
  fc.assert(
    fc.property(randomHistory(), fc.nat(), fc.nat(), (metadata, ref, to) => {
      const names = Object.keys(metadata.refs)
      const refName = names[ref % (names.length + 1)] ?? 'new'
      const toSnapshotId = idsOf(metadata)[to % (metadata.snapshots.length + 1)] ?? null
      const { unreachableSnapshotIds } = refMove(metadata, { refName, toSnapshotId })
      const moved = { ...(metadata.refs[refName] ?? { type: 'branch' as const }), snapshotId: toSnapshotId ?? '' }
      const reachedBy = (refs: TableMetadata['refs']) =>
        new Set(
          Object.values(refs).flatMap(({ type, snapshotId }) =>
            type === 'tag' ? [snapshotId] : ancestorIds(metadata, snapshotId),
          ),
        )
      const { [refName]: _, ...others } = metadata.refs
      const after = reachedBy(toSnapshotId === null ? others : { ...others, [refName]: moved })
      const expected = [...reachedBy(metadata.refs)].filter((snapshotId) => !after.has(snapshotId))
      expect(unreachableSnapshotIds.toSorted()).toEqual(expected.sort())
    }),
    RUNS,
  )
})
