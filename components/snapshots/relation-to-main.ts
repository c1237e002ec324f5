import type { Snapshot } from '@/lib/contract/snapshots'

/** Where a snapshot is, seen from `main`. `stepCount` is how many snapshots `main` would gain. */
export type RelationToMain = { kind: 'tip' | 'behind' | 'apart' | 'none' } | { kind: 'ahead'; stepCount: number }

/**
 * @param snapshots those of the list so far, newest first. Between the tip of `main` and its descendants there is none
 *   that is not listed, because they are newer
 */
export function relationToMain(
  snapshots: readonly Snapshot[],
  mainSnapshotId: string | null,
  { snapshotId, isOnMain }: Snapshot,
): RelationToMain {
  if (mainSnapshotId === null) return { kind: 'none' }
  if (snapshotId === mainSnapshotId) return { kind: 'tip' }
  if (isOnMain) return { kind: 'behind' }
  const parentById = new Map(snapshots.map((one) => [one.snapshotId, one.parentSnapshotId]))
  let next: string | null = snapshotId
  // Bounded, because damaged metadata could make a snapshot its own ancestor.
  for (let stepCount = 0; next !== null && stepCount <= snapshots.length; stepCount += 1) {
    if (next === mainSnapshotId) return { kind: 'ahead', stepCount }
    next = parentById.get(next) ?? null
  }
  return { kind: 'apart' }
}
