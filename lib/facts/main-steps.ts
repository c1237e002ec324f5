import type { SnapshotLogEntry, TableMetadata } from '../iceberg/metadata/table-metadata'
import type { KnownVersion } from './known-version'
import type { SnapshotGraph } from './snapshot-line'

/** Where `main` moved, and whether the snapshot log says so, and when. */
type MainStep = SnapshotLogEntry & { isLogged: boolean }

/**
 * Lists where `main` moved since the known version, by the snapshot log, and where it is now if the log does not say that.
 * Entries whose snapshots are missing are passed over.
 */
export function listMainSteps(
  known: KnownVersion | null,
  after: TableMetadata,
  graph: Pick<SnapshotGraph, 'has'>,
): MainStep[] {
  const { currentSnapshotId, lastUpdatedMs } = after
  const logged = entriesSince(known, after)
    .filter(({ snapshotId }) => graph.has(snapshotId))
    .map((entry) => ({ ...entry, isLogged: true }))
  const end = logged.at(-1)?.snapshotId ?? known?.mainSnapshotId ?? null
  const hasEnd = currentSnapshotId === null || currentSnapshotId === end || !graph.has(currentSnapshotId)
  return hasEnd ? logged : [...logged, { snapshotId: currentSnapshotId, timestampMs: lastUpdatedMs, isLogged: false }]
}

function entriesSince(
  known: KnownVersion | null,
  { snapshotLog: log, currentSnapshotId }: TableMetadata,
): readonly SnapshotLogEntry[] {
  if (known === null) return log
  const { lastLogged, mainSnapshotId, lastUpdatedMs } = known
  if (lastLogged === null) {
    if (mainSnapshotId !== null) return entriesAfter(log, lastUpdatedMs)
    // The undo of an expiry restores the log of a table that was emptied long before.
    return currentSnapshotId === null ? [] : log
  }
  const isLast = (entry: SnapshotLogEntry | undefined) =>
    entry?.snapshotId === lastLogged.snapshotId && entry.timestampMs === lastLogged.timestampMs
  // An expiry removes the oldest entries.
  const index = isLast(log[lastLogged.index]) ? lastLogged.index : log.findLastIndex(isLast)
  return index < 0 ? entriesAfter(log, lastLogged.timestampMs) : log.slice(index + 1)
}

/** The newest entries of a log that are later. One before them may be, too, if its clock was ahead. */
function entriesAfter(log: readonly SnapshotLogEntry[], sinceMs: number): readonly SnapshotLogEntry[] {
  return log.slice(log.findLastIndex(({ timestampMs }) => timestampMs <= sinceMs) + 1)
}
