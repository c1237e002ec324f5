import 'server-only'
import type { TableReaders } from '@/lib/contract/table/readers'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readDatedScanReports } from '@/server/db/catalog/metrics-reports'
import type { Database } from '@/server/db/database'
import { reportingEngine } from './reporting-engine'

const DAYS = 7
const DAY_MS = 24 * 60 * 60 * 1000
const MAX_REPORTS = 500
const MAX_READERS = 20

/** The engines that reported scans of a table in the last days, the latest first. */
export async function readRecentReaders(
  database: Database,
  table: TableIdentifier,
  nowMs: number,
): Promise<TableReaders> {
  const reports = await readDatedScanReports(database, table, { sinceMs: nowMs - DAYS * DAY_MS, limit: MAX_REPORTS })
  const readers = new Map<string | null, TableReaders['readers'][number]>()
  for (const { report, atMs } of reports) {
    const engine = reportingEngine(report)
    const known = readers.get(engine)
    readers.set(engine, {
      engine,
      readAtMs: Math.max(known?.readAtMs ?? 0, atMs),
      scanCount: (known?.scanCount ?? 0) + 1,
    })
  }
  return { days: DAYS, readers: [...readers.values()].sort((a, b) => b.readAtMs - a.readAtMs).slice(0, MAX_READERS) }
}
