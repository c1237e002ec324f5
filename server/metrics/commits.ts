import 'server-only'
import type { LakeCommit } from '@/lib/contract/lake'
import type { Snapshot } from '@/lib/iceberg/table-metadata'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import { summaryCount, writerOf } from '@/server/table/summary-counts'

/** Counts a summary may tell of its commit. Writers leave out those that are zero, but not all of them. */
const TOLD = {
  addedRows: 'added-records',
  removedRows: 'deleted-records',
  addedBytes: 'added-files-size',
  removedBytes: 'removed-files-size',
  addedFiles: 'added-data-files',
  removedFiles: 'deleted-data-files',
} as const

/** Written into the summary by our own ingest. */
const INPUT_BYTES = 'lakeshore.input-bytes'

/** Commits a table still knows, on all its branches, in order of commit. */
export function commitsOf({ ref, metadata }: LoadedTable): LakeCommit[] {
  return metadata.snapshots.map((snapshot) => ({
    place: ref,
    snapshotId: snapshot.snapshotId,
    atMs: snapshot.timestampMs,
    operation: snapshot.summary['operation'] ?? 'unknown',
    writer: writerOf(snapshot),
    ...countsOf(snapshot),
    inputBytes: summaryCount(snapshot, INPUT_BYTES),
  }))
}

/** Null for all where the summary tells none of them; otherwise one that is left out is zero. */
function countsOf(snapshot: Snapshot): Record<keyof typeof TOLD, number | null> {
  const isSilent = Object.values(TOLD).every((key) => snapshot.summary[key] === undefined)
  const tell = (key: string) => summaryCount(snapshot, key) ?? (isSilent ? null : 0)
  return {
    addedRows: tell(TOLD.addedRows),
    removedRows: tell(TOLD.removedRows),
    addedBytes: tell(TOLD.addedBytes),
    removedBytes: tell(TOLD.removedBytes),
    addedFiles: tell(TOLD.addedFiles),
    removedFiles: tell(TOLD.removedFiles),
  }
}
