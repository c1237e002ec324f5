import 'server-only'
import type { ExpiryPreview } from '@/lib/contract/expiry'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { readReportedScans } from '@/server/db/catalog/metrics-reports'
import type { Database } from '@/server/db/database'

const MAX_REPORTS = 500
const MAX_READERS = 5
const MAX_NAME_CHARS = 100

/** The latest scans of these snapshots that engines have reported, one of each snapshot. */
export async function readLateReaders(
  database: Database,
  table: TableIdentifier,
  snapshotIds: ReadonlySet<string>,
): Promise<ExpiryPreview['readers']> {
  const scans = await readReportedScans(database, table, MAX_REPORTS)
  const latest = new Map<string, ExpiryPreview['readers'][number]>()
  for (const { snapshotId, atMs, report } of scans) {
    if (latest.size === MAX_READERS) break
    if (snapshotId === null || !snapshotIds.has(snapshotId) || latest.has(snapshotId)) continue
    latest.set(snapshotId, { reader: engineName(report), snapshotId, atMs })
  }
  return [...latest.values()]
}

/** As engines name themselves in their reports. */
function engineName(text: string): string {
  try {
    const report = parseExactJson(text)
    const metadata = isJsonObject(report) ? (report['metadata'] ?? null) : null
    const name = isJsonObject(metadata) ? metadata['engine-name'] : null
    return typeof name === 'string' && name !== '' ? name.slice(0, MAX_NAME_CHARS) : 'an engine'
  } catch (error) {
    if (error instanceof AppError) return 'an engine'
    throw error
  }
}
