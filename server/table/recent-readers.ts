import 'server-only'
import type { TableReaders } from '@/lib/contract/readers'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { readDatedScanReports } from '@/server/db/catalog/metrics-reports'
import type { Database } from '@/server/db/database'

const DAYS = 7
const DAY_MS = 24 * 60 * 60 * 1000
const MAX_REPORTS = 500
const MAX_READERS = 20
const MAX_NAME_CHARS = 60

/** The engines that reported scans of a table in the last days, the latest first. */
export async function readRecentReaders(
  database: Database,
  table: TableIdentifier,
  nowMs: number,
): Promise<TableReaders> {
  const reports = await readDatedScanReports(database, table, { sinceMs: nowMs - DAYS * DAY_MS, limit: MAX_REPORTS })
  const readers = new Map<string | null, TableReaders['readers'][number]>()
  for (const { report, atMs } of reports) {
    const engine = engineOf(report)
    const known = readers.get(engine)
    readers.set(engine, {
      engine,
      readAtMs: Math.max(known?.readAtMs ?? 0, atMs),
      scanCount: (known?.scanCount ?? 0) + 1,
    })
  }
  return { days: DAYS, readers: [...readers.values()].sort((a, b) => b.readAtMs - a.readAtMs).slice(0, MAX_READERS) }
}

/** From the environment that Iceberg's library adds to its reports; null when a report has none, or cannot be read. */
function engineOf(text: string): string | null {
  let report: Json
  try {
    report = parseExactJson(text)
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
  const environment = isJsonObject(report) ? (report['metadata'] ?? null) : null
  if (!isJsonObject(environment)) return null
  const name = textOf(environment['engine-name'])
  if (name === null) return null
  const version = textOf(environment['engine-version'])
  const title = name.charAt(0).toUpperCase() + name.slice(1)
  return version === null ? title : `${title} ${version}`
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME_CHARS) : null
}
