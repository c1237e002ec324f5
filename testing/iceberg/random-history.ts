import fc from 'fast-check'
import type { Snapshot, SnapshotRef, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { sampleMetadata, sampleSnapshot } from './sample-metadata'

/** Metadata of a table with a random history: branches that fork anywhere, tags, rolled-back tips, expired ancestors. */
export function randomHistory(): fc.Arbitrary<TableMetadata> {
  return fc.integer({ min: 1, max: 12 }).chain((count) =>
    fc
      .record({
        parents: fc.array(fc.nat(), { minLength: count, maxLength: count }),
        steps: fc.array(fc.nat(9), { minLength: count, maxLength: count }),
        refs: fc.array(refOf(count), { maxLength: 5 }),
        main: fc.option(refOf(count)),
        properties: fc.record(
          {
            'history.expire.max-snapshot-age-ms': fc.nat(40).map(String),
            'history.expire.min-snapshots-to-keep': fc.integer({ min: 1, max: 4 }).map(String),
            'history.expire.max-ref-age-ms': fc.nat(60).map(String),
          },
          { requiredKeys: ['history.expire.max-snapshot-age-ms'] },
        ),
      })
      .map(({ parents, steps, refs, main, properties }) => {
        const snapshots = parents.map((parent, index): Snapshot => {
          // One in seven has no parent, and one in seven has one that expired.
          const parentIndex = parent % 7 < 2 || index === 0 ? null : Math.max(0, index - 1 - ((parent >> 3) % 3))
          return {
            ...sampleSnapshot(0),
            snapshotId: idOf(index),
            parentSnapshotId: parentIndex !== null ? idOf(parentIndex) : parent % 7 === 0 ? '999' : null,
            sequenceNumber: index + 1,
            timestampMs: steps.slice(0, index + 1).reduce((sum, step) => sum + step, 1_000),
            manifestList: `list-${index}`,
          }
        })
        const named = refs.map((ref, index): [string, SnapshotRef] => [`r${index}`, ref])
        const mainRef: [string, SnapshotRef][] = main ? [['main', { ...main, type: 'branch' }]] : []
        return sampleMetadata({
          snapshots,
          refs: Object.fromEntries([...mainRef, ...named]),
          currentSnapshotId: main?.snapshotId ?? null,
          properties,
          snapshotLog: [],
        })
      }),
  )
}

function refOf(snapshotCount: number): fc.Arbitrary<SnapshotRef> {
  const snapshotId = fc.nat(snapshotCount - 1).map(idOf)
  const maxRefAgeMs = fc.integer({ min: 1, max: 60 })
  const tag = fc.record(
    { snapshotId, type: fc.constant('tag' as const), maxRefAgeMs },
    { requiredKeys: ['snapshotId', 'type'] },
  )
  const branch = fc.record(
    {
      snapshotId,
      type: fc.constant('branch' as const),
      minSnapshotsToKeep: fc.integer({ min: 1, max: 4 }),
      maxSnapshotAgeMs: fc.integer({ min: 1, max: 40 }),
      maxRefAgeMs,
    },
    { requiredKeys: ['snapshotId', 'type'] },
  )
  return fc.oneof(tag, branch)
}

function idOf(index: number): string {
  return String(3_051_729_675_574_597_000n + BigInt(index))
}
