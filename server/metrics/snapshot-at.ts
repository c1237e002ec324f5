import 'server-only'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/**
 * What was current on `main` at an instant, by the snapshot log. Null before the first commit; undefined where the log
 * names a snapshot that was expired since, so that what it held is not known any more.
 */
export function snapshotAt({ snapshots, snapshotLog }: TableMetadata, atMs: number): Snapshot | null | undefined {
  const entry = snapshotLog.findLast(({ timestampMs }) => timestampMs <= atMs)
  if (entry === undefined) return snapshotLog.length === 0 && snapshots.length > 0 ? undefined : null
  return snapshots.find(({ snapshotId }) => snapshotId === entry.snapshotId)
}
