import type { Snapshot } from '@/lib/contract/table/snapshots'

/** Where a snapshot is, seen from `main`. `stepCount` is how many snapshots `main` would gain. */
export type RelationToMain = { kind: 'tip' | 'behind' | 'apart' | 'none' } | { kind: 'ahead'; stepCount: number }

export function relationToMain(
  mainSnapshotId: string | null,
  { snapshotId, isOnMain, aheadCount }: Pick<Snapshot, 'snapshotId' | 'isOnMain' | 'aheadCount'>,
): RelationToMain {
  if (mainSnapshotId === null) return { kind: 'none' }
  if (snapshotId === mainSnapshotId) return { kind: 'tip' }
  if (isOnMain) return { kind: 'behind' }
  return aheadCount === null ? { kind: 'apart' } : { kind: 'ahead', stepCount: aheadCount }
}
