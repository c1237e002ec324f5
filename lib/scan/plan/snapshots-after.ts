import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/** How far a reader of a table has come: it has read the rows of this snapshot. */
export type ReadPosition = {
  tableUuid: string
  /** Null if the table had no snapshot. */
  snapshotId: string | null
}

/** Why a position is not an ancestor of the head, or cannot be found among its ancestors. */
export type LostPosition = 'replaced' | 'expired' | 'rolled-back'

/** The operations of snapshots; others, and snapshots of format v1 without a summary, are `unknown`. */
export type SnapshotOperation = 'append' | 'replace' | 'overwrite' | 'delete' | 'unknown'

const OPERATIONS: ReadonlySet<string> = new Set(['append', 'replace', 'overwrite', 'delete'])

/**
 * The snapshots after a position, up to the head, oldest first. The snapshot of the position may have expired, as long
 * as the one after it has not.
 *
 * Spec: Iceberg table spec, *Snapshots* (`parent-snapshot-id`).
 *
 * @param position of a table that had a snapshot
 */
export function snapshotsAfter(
  { tableUuid, snapshots }: Pick<TableMetadata, 'tableUuid' | 'snapshots'>,
  position: ReadPosition & { snapshotId: string },
  headId: string | null,
): readonly Snapshot[] | LostPosition {
  if (position.tableUuid !== tableUuid) return 'replaced'
  const byId = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const after: Snapshot[] = []
  // Damaged metadata could make a snapshot its own ancestor.
  const seen = new Set<string>()
  for (let next = headId; next !== position.snapshotId; ) {
    const snapshot = next === null || seen.has(next) ? undefined : byId.get(next)
    if (snapshot === undefined) return byId.has(position.snapshotId) ? 'rolled-back' : 'expired'
    seen.add(snapshot.snapshotId)
    after.push(snapshot)
    next = snapshot.parentSnapshotId
  }
  return after.reverse()
}

export function snapshotOperation({ summary }: Pick<Snapshot, 'summary'>): SnapshotOperation {
  const operation = summary['operation'] ?? ''
  return OPERATIONS.has(operation) ? (operation as SnapshotOperation) : 'unknown'
}
