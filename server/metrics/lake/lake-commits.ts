import 'server-only'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { WriterOf } from '@/server/table/snapshot-writers'
import { summaryCount, snapshotWriter } from '@/server/table/summary-counts'

/** Counts that a summary may have. Writers leave out zeros, but not all of them. */
const SUMMARY_KEYS = {
  addedRows: 'added-records',
  removedRows: 'deleted-records',
  addedBytes: 'added-files-size',
  removedBytes: 'removed-files-size',
  addedFiles: 'added-data-files',
  removedFiles: 'deleted-data-files',
} as const

/** Our own ingest writes it into the summary. */
const INPUT_BYTES_KEY = 'lakeshore.input-bytes'

/**
 * Commits that a table still lists, on all its branches, in commit order.
 *
 * @param writerOf absent: only the engines that summaries name
 */
export function toLakeCommits(
  { identifier, metadata }: LoadedTable,
  writerOf: WriterOf = snapshotWriter,
): LakeCommit[] {
  return metadata.snapshots.map((snapshot) => ({
    table: identifier,
    snapshotId: snapshot.snapshotId,
    atMs: snapshot.timestampMs,
    operation: snapshot.summary['operation'] ?? 'unknown',
    writer: writerOf(snapshot),
    ...readCounts(snapshot),
    inputBytes: summaryCount(snapshot, INPUT_BYTES_KEY),
  }))
}

/** All null if the summary has none of the counts; otherwise a missing count is zero. */
function readCounts(snapshot: Snapshot): Record<keyof typeof SUMMARY_KEYS, number | null> {
  const isWithoutCounts = Object.values(SUMMARY_KEYS).every((key) => snapshot.summary[key] === undefined)
  const readCount = (key: string) => summaryCount(snapshot, key) ?? (isWithoutCounts ? null : 0)
  return {
    addedRows: readCount(SUMMARY_KEYS.addedRows),
    removedRows: readCount(SUMMARY_KEYS.removedRows),
    addedBytes: readCount(SUMMARY_KEYS.addedBytes),
    removedBytes: readCount(SUMMARY_KEYS.removedBytes),
    addedFiles: readCount(SUMMARY_KEYS.addedFiles),
    removedFiles: readCount(SUMMARY_KEYS.removedFiles),
  }
}
