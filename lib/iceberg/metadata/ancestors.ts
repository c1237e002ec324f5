import type { Snapshot } from './table-metadata'

type Parented = { snapshots: readonly Pick<Snapshot, 'snapshotId' | 'parentSnapshotId'>[] }

/**
 * A snapshot and its ancestors that the table still has, newest first; empty if the table does not have the snapshot.
 */
export function ancestorIds(metadata: Parented, snapshotId: string): string[] {
  const parentById = new Map(metadata.snapshots.map((snapshot) => [snapshot.snapshotId, snapshot.parentSnapshotId]))
  // A set, because damaged metadata could make a snapshot its own ancestor.
  const lineage = new Set<string>()
  let next: string | null | undefined = snapshotId
  while (typeof next === 'string' && parentById.has(next) && !lineage.has(next)) {
    lineage.add(next)
    next = parentById.get(next)
  }
  return [...lineage]
}

/** Whether `ancestorId` is an ancestor of `snapshotId`; a snapshot is its own ancestor. */
export function isAncestor(
  metadata: Parented,
  { ancestorId, snapshotId }: { ancestorId: string; snapshotId: string },
): boolean {
  return ancestorIds(metadata, snapshotId).includes(ancestorId)
}
