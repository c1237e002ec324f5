import 'server-only'
import type { Snapshot as ListedSnapshot } from '@/lib/contract/snapshots'
import { ancestorIds } from '@/lib/iceberg/metadata/snapshot-graph'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { summaryCount, snapshotWriter } from './summary-counts'

const PAGE_SIZE = 500

/**
 * One page of the table's snapshots, newest first.
 *
 * @param offset counts from the newest
 * @param upTo lists only this snapshot and its ancestors
 */
export function snapshotPage(metadata: TableMetadata, offset: number, upTo: string | null = null) {
  const onMain = new Set(metadata.currentSnapshotId === null ? [] : ancestorIds(metadata, metadata.currentSnapshotId))
  const lineage = upTo === null ? null : new Set(ancestorIds(metadata, upTo))
  const newestFirst = metadata.snapshots
    .filter(({ snapshotId }) => lineage === null || lineage.has(snapshotId))
    .sort((a, b) => b.sequenceNumber - a.sequenceNumber || b.timestampMs - a.timestampMs)
  const page = newestFirst.slice(offset, offset + PAGE_SIZE)
  return {
    mainSnapshotId: metadata.currentSnapshotId,
    totalCount: newestFirst.length,
    snapshots: page.map((snapshot) => toListedSnapshot(snapshot, metadata, onMain)),
    nextOffset: offset + page.length < newestFirst.length ? offset + page.length : null,
  }
}

function toListedSnapshot(snapshot: Snapshot, metadata: TableMetadata, onMain: ReadonlySet<string>): ListedSnapshot {
  const { snapshotId, parentSnapshotId, sequenceNumber, timestampMs, schemaId, summary } = snapshot
  const delta = (added: string, removed: string) => ({
    added: summaryCount(snapshot, added),
    removed: summaryCount(snapshot, removed),
  })
  return {
    snapshotId,
    parentSnapshotId,
    sequenceNumber,
    committedAtMs: timestampMs,
    operation: summary.operation ?? 'unknown',
    writer: snapshotWriter(snapshot),
    schemaId,
    summary,
    refs: Object.entries(metadata.refs)
      .filter(([, ref]) => ref.snapshotId === snapshotId)
      .map(([name, ref]) => ({ name, type: ref.type })),
    isOnMain: onMain.has(snapshotId),
    rows: delta('added-records', 'deleted-records'),
    files: delta('added-data-files', 'deleted-data-files'),
    bytes: delta('added-files-size', 'removed-files-size'),
  }
}
