import 'server-only'
import { ulid } from 'ulid'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Change, Database } from '../database'
import { change, query } from '../statement'

/**
 * Engines' reports about their scans and commits, as they sent them, for the dashboards. Each new report removes those
 * that are too old or too many.
 */

export const REPORT_KINDS = ['scan-report', 'commit-report'] as const
export type ReportKind = (typeof REPORT_KINDS)[number]

const RETENTION_MS = 30 * 24 * 60 * 60 * 1000
/** For all tables together. With 64 Ki characters each they would be a bit more than 1 GB; most have about 2 KB. */
const MAX_REPORTS = 20_000

export type MetricsReport = {
  table: TableIdentifier
  kind: ReportKind
  snapshotId: string | null
  userId: string
  /** JSON as it was received, with exact 64-bit ids. */
  report: string
}

/** The row of a report, and the removal of reports that are too old or too many. */
export function reportChanges({ table, kind, snapshotId, userId, report }: MetricsReport): Change[] {
  return [
    change(
      ({ db, nowMs }) =>
        db.insertInto('metrics_reports').values({
          id: ulid(),
          at_ms: nowMs,
          catalog: table.catalog,
          namespace: joinNamespace(table.namespace),
          table_name: table.table,
          kind,
          snapshot_id: snapshotId,
          user_id: userId,
          report,
        }),
      { expectedRows: 1 },
    ),
    change(({ db, nowMs }) =>
      db.deleteFrom('metrics_reports').where('at_ms', '<=', (eb) => eb(nowMs, '-', eb.val(RETENTION_MS))),
    ),
    change(({ db }) =>
      db
        .deleteFrom('metrics_reports')
        .where('id', '<=', (eb) =>
          eb
            .selectFrom('metrics_reports as newest')
            .select('newest.id')
            .orderBy('newest.id', 'desc')
            .limit(1)
            .offset(MAX_REPORTS),
        ),
    ),
  ]
}

/** Newest first, as they were sent. */
export async function readScanReports(database: Database, table: TableIdentifier, limit: number): Promise<string[]> {
  return (await readDatedScanReports(database, table, { limit })).map(({ report }) => report)
}

/** The same with the snapshots that were read, and the times at which the reports came. */
export async function readDatedScanReports(
  database: Database,
  { catalog, namespace, table }: TableIdentifier,
  { limit, sinceMs = 0 }: { limit: number; sinceMs?: number },
): Promise<{ snapshotId: string | null; atMs: number; report: string }[]> {
  return database.read(
    query(({ db }) =>
      db
        .selectFrom('metrics_reports')
        .select(['snapshot_id as snapshotId', 'at_ms as atMs', 'report'])
        .where('catalog', '=', catalog)
        .where('namespace', '=', joinNamespace(namespace))
        .where('table_name', '=', table)
        .where('kind', '=', 'scan-report')
        .where('at_ms', '>=', sinceMs)
        .orderBy('id', 'desc')
        .limit(limit),
    ),
  )
}
