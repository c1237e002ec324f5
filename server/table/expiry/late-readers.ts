import 'server-only'
import type { ExpiryPreview } from '@/lib/contract/table/expiry'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readDatedScanReports } from '@/server/db/catalog/metrics-reports'
import type { Database } from '@/server/db/database'
import { reportingEngine } from '../reporting-engine'

const MAX_REPORTS = 500
const MAX_READERS = 5

/** The latest scans of these snapshots that engines have reported, one of each snapshot. */
export async function readLateReaders(
  database: Database,
  table: TableIdentifier,
  snapshotIds: ReadonlySet<string>,
): Promise<ExpiryPreview['readers']> {
  const scans = await readDatedScanReports(database, table, { limit: MAX_REPORTS })
  const latest = new Map<string, ExpiryPreview['readers'][number]>()
  for (const { snapshotId, atMs, report } of scans) {
    if (latest.size === MAX_READERS) break
    if (snapshotId === null || !snapshotIds.has(snapshotId) || latest.has(snapshotId)) continue
    latest.set(snapshotId, { reader: reportingEngine(report) ?? 'an engine', snapshotId, atMs })
  }
  return [...latest.values()]
}
