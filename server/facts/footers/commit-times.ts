import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Database } from '@/server/db/database'
import { readCommitTimes } from '@/server/db/facts/storage/commit-times'

/** When these snapshots were committed: as the table says, or as its history does. Others are left out. */
export async function findCommitTimes(
  database: Database,
  tableId: number,
  { snapshots }: Pick<TableMetadata, 'snapshots'>,
  snapshotIds: ReadonlySet<string>,
): Promise<Map<string, number>> {
  const times = new Map(snapshots.map(({ snapshotId, timestampMs }) => [snapshotId, timestampMs]))
  const expired = [...snapshotIds].filter((id) => !times.has(id))
  if (expired.length === 0) return times
  return new Map([...(await readCommitTimes(database, tableId, expired)), ...times])
}
