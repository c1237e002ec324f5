import 'server-only'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { toDay } from '@/server/db/facts/sum-tables'

/** The state of a table at the end of a day, or now. A day is counted since 1970-01-01, in UTC. */
export type TableState = { period: number; snapshot: Snapshot | null }

const MAX_PAST_STATES = 120

/**
 * The states that a measurement covers, the oldest first: `main` at the end of each day on which it moved and whose
 * snapshot the table still has, at most the newest 120, and as it is now.
 *
 * @param since the day that was measured last; null: none was
 * @param today the day of the state now
 */
export function listStates(
  { snapshots, snapshotLog, currentSnapshotId }: TableMetadata,
  since: number | null,
  today: number,
): TableState[] {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const lastOfDay = new Map<number, Snapshot>()
  for (const { snapshotId, timestampMs } of snapshotLog) {
    const period = toDay(timestampMs)
    const snapshot = byId.get(snapshotId)
    // The last move of a day is the newest entry of the log, whatever time others state.
    if (snapshot === undefined) lastOfDay.delete(period)
    else lastOfDay.set(period, snapshot)
  }
  const past = [...lastOfDay]
    .filter(([period]) => period < today && (since === null || period >= since))
    .sort(([a], [b]) => a - b)
    .slice(-MAX_PAST_STATES)
    .map(([period, snapshot]) => ({ period, snapshot }))
  const current = currentSnapshotId === null ? null : (byId.get(currentSnapshotId) ?? null)
  return [...past, { period: today, snapshot: current }]
}
