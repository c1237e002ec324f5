import 'server-only'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/**
 * The current snapshot of `main` at a time, by the snapshot log. Null before the first commit; undefined when the log no
 * longer reaches back to that time or names a snapshot that has expired, whose content is then unknown.
 */
export function snapshotAt({ snapshots, snapshotLog }: TableMetadata, atMs: number): Snapshot | null | undefined {
  const entry = snapshotLog.findLast(({ timestampMs }) => timestampMs <= atMs)
  if (entry === undefined) return isLogComplete({ snapshots, snapshotLog }) ? null : undefined
  return snapshots.find(({ snapshotId }) => snapshotId === entry.snapshotId)
}

/** Whether the log begins with the first commit: expiry removes its beginning. */
function isLogComplete({ snapshots, snapshotLog }: Pick<TableMetadata, 'snapshots' | 'snapshotLog'>): boolean {
  const [first] = snapshotLog
  if (first === undefined) return snapshots.length === 0
  return snapshots.find(({ snapshotId }) => snapshotId === first.snapshotId)?.parentSnapshotId === null
}
