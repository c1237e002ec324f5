import 'server-only'
import { ancestorIds } from '@/lib/iceberg/metadata/ancestors'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { sum } from '@/lib/sum'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { toLakeCommits } from '../lake/lake-commits'
import { type SnapshotTotals, summaryTotals } from '../sizes/snapshot-totals'
import { snapshotAt } from './snapshot-at'

/**
 * How rows and live bytes of `main` have changed since a time: other branches do not count, and what was rolled back
 * does not count either. If the state of that time is unknown, they are the changes of the commits on `main` since then.
 *
 * @param totals those of `main` now
 */
export function mainChange(
  table: LoadedTable,
  sinceMs: number,
  { rowCount, liveBytes }: Pick<SnapshotTotals, 'rowCount' | 'liveBytes'>,
): { rows: number; bytes: number } {
  const then = totalsAt(table.metadata, sinceMs)
  return then === null
    ? sumCommits(table, sinceMs)
    : { rows: rowCount - then.rowCount, bytes: liveBytes - then.liveBytes }
}

function totalsAt(metadata: TableMetadata, atMs: number): Pick<SnapshotTotals, 'rowCount' | 'liveBytes'> | null {
  const snapshot = snapshotAt(metadata, atMs)
  if (snapshot === null) return { rowCount: 0, liveBytes: 0 }
  return snapshot === undefined ? null : summaryTotals(snapshot)
}

function sumCommits(table: LoadedTable, sinceMs: number): { rows: number; bytes: number } {
  const { currentSnapshotId } = table.metadata
  const onMain = new Set(currentSnapshotId === null ? [] : ancestorIds(table.metadata, currentSnapshotId))
  const commits = toLakeCommits(table).filter(({ snapshotId, atMs }) => atMs > sinceMs && onMain.has(snapshotId))
  return {
    rows: sum(commits.map(({ addedRows, removedRows }) => (addedRows ?? 0) - (removedRows ?? 0))),
    bytes: sum(commits.map(({ addedBytes, removedBytes }) => (addedBytes ?? 0) - (removedBytes ?? 0))),
  }
}
