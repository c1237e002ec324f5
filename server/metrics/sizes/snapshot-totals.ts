import 'server-only'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { readLiveFiles } from '@/server/table/files/live-files'
import type { ManifestCache } from '@/server/table/manifest-cache'
import { snapshotFigures } from '@/server/table/summary-counts'

export type SnapshotTotals = {
  /** Rows in data files; rows removed by delete files are not subtracted. */
  rowCount: number
  liveBytes: number
  dataFileCount: number
  deleteFileCount: number
}

/**
 * Totals of a snapshot: from its summary, or counted from its manifests if the writer left the totals out; null for a
 * table without a snapshot.
 */
export async function readSnapshotTotals(
  manifestCache: ManifestCache,
  table: LoadedTable,
  snapshot: Snapshot | null,
  { signal }: { signal: AbortSignal },
): Promise<SnapshotTotals> {
  if (snapshot === null) return { rowCount: 0, liveBytes: 0, dataFileCount: 0, deleteFileCount: 0 }
  const totals = summaryTotals(snapshot)
  if (totals !== null) return totals
  const files = await readLiveFiles(manifestCache, table, snapshot, { store: table.store, signal })
  const data = files.filter(({ dataFile }) => dataFile.content === 'data')
  return {
    rowCount: data.reduce((sum, { dataFile }) => sum + dataFile.recordCount, 0),
    liveBytes: files.reduce((sum, { dataFile }) => sum + dataFile.fileSizeBytes, 0),
    dataFileCount: data.length,
    deleteFileCount: files.length - data.length,
  }
}

/** The totals in the summary; null unless it has all of them. Iceberg leaves out zeros only for deletes. */
export function summaryTotals(snapshot: Snapshot): SnapshotTotals | null {
  const { rowCount, liveBytes, dataFileCount, deleteFileCount } = snapshotFigures(snapshot)
  if (rowCount === null || liveBytes === null || dataFileCount === null || deleteFileCount === null) return null
  return { rowCount, liveBytes, dataFileCount, deleteFileCount }
}

/** The tip of `main`; null before the first commit. */
export function currentSnapshot({ snapshots, currentSnapshotId }: TableMetadata): Snapshot | null {
  return snapshots.find(({ snapshotId }) => snapshotId === currentSnapshotId) ?? null
}
