import { ancestorIds } from '../metadata/ancestors'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import { propertyValue } from '../properties/property-value'

/** The summary field with which the copy that a cherry-pick made names the snapshot that was picked. */
export const SOURCE_SNAPSHOT = 'source-snapshot-id'

/**
 * The ids of everything that a snapshot has the changes of: its own, that of the snapshot it is a copy of, and so on.
 * The last one may have expired; its id still connects the copies that name it.
 */
export function sourceIds(snapshots: ReadonlyMap<string, Snapshot>, snapshotId: string): string[] {
  // A set, because damaged metadata could make a snapshot a copy of itself.
  const ids = new Set<string>()
  let next: string | null = snapshotId
  while (next !== null && next !== '' && !ids.has(next)) {
    ids.add(next)
    const found = snapshots.get(next)
    next = found ? propertyValue(found.summary, SOURCE_SNAPSHOT) : null
  }
  return [...ids]
}

function snapshotsById({ snapshots }: TableMetadata): ReadonlyMap<string, Snapshot> {
  return new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
}

/**
 * Finds the snapshot of a branch that has the changes of another one: that snapshot itself, the one that it is a copy
 * of, or another copy of either. Each copy of the branch is followed to its source once.
 *
 * @param tipId null: the branch has no snapshot
 * @returns a function of a snapshot id; it returns the id of the ancestor of the tip, or null
 */
export function sameChangesOnBranch(
  metadata: TableMetadata,
  tipId: string | null,
): (snapshotId: string) => string | null {
  const byId = snapshotsById(metadata)
  const holders = new Map<string, string>()
  for (const ancestorId of tipId === null ? [] : ancestorIds(metadata, tipId)) {
    for (const id of sourceIds(byId, ancestorId)) {
      if (holders.has(id)) break
      holders.set(id, ancestorId)
    }
  }
  return (snapshotId) => {
    const shared = sourceIds(byId, snapshotId).find((id) => holders.has(id))
    return shared === undefined ? null : (holders.get(shared) ?? null)
  }
}

/**
 * Whether a branch may have had the changes of a snapshot in commits that have expired since. Its data files then show
 * it only until the branch loses them, to a rewrite for example.
 */
export function mightHaveHadChanges(metadata: TableMetadata, tipId: string | null, snapshotId: string): boolean {
  const byId = snapshotsById(metadata)
  const lineage = tipId === null ? [] : ancestorIds(metadata, tipId)
  const oldest = byId.get(lineage.at(-1) ?? '')
  if (!oldest || oldest.parentSnapshotId === null) return false
  // Copies are younger than their origin, so the origin decides.
  const origin = byId.get(sourceIds(byId, snapshotId).at(-1) ?? '')
  if (!origin) return true
  if (origin.sequenceNumber > oldest.sequenceNumber) return false
  // In format v1 all sequence numbers are 0.
  const onBranch = new Set(lineage)
  return !ancestorIds(metadata, origin.snapshotId).some((id) => onBranch.has(id))
}
