import 'server-only'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/**
 * The current snapshot of `main` at a time, by the snapshot log. Null before the first commit; undefined when the log
 * names a snapshot that has expired, whose content is then unknown.
 */
export function snapshotAt({ snapshots, snapshotLog }: TableMetadata, atMs: number): Snapshot | null | undefined {
  const entry = snapshotLog.findLast(({ timestampMs }) => timestampMs <= atMs)
  if (entry === undefined) return snapshotLog.length === 0 && snapshots.length > 0 ? undefined : null
  return snapshots.find(({ snapshotId }) => snapshotId === entry.snapshotId)
}
