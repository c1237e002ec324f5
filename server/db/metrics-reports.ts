import 'server-only'
import { ulid } from 'ulid'
import { joinNamespace, type TableRef } from '@/lib/iceberg/identifiers'
import type { Statement } from './database'

/**
 * What engines report of their scans and commits, as they sent it: for the dashboards. Old ones give way, by age and by
 * number, whenever one is kept.
 */

export const REPORT_KINDS = ['scan-report', 'commit-report'] as const
export type ReportKind = (typeof REPORT_KINDS)[number]

const KEPT_MS = 30 * 24 * 60 * 60 * 1000
/** Of all tables together. With 64 Ki characters each they are a bit more than 1 GB; most have some 2 KB. */
const MOST_REPORTS = 20_000

export type MetricsReport = {
  table: TableRef
  kind: ReportKind
  snapshotId: string | null
  userId: string
  /** JSON as it came, its 64-bit ids exact. */
  report: string
}

export function keepReport({ table, kind, snapshotId, userId, report }: MetricsReport, nowMs: number): Statement[] {
  const { catalog, namespace, table: name } = table
  return [
    {
      sql: `INSERT INTO metrics_reports (id, at_ms, catalog, namespace, table_name, kind, snapshot_id, user_id, report)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [ulid(nowMs), nowMs, catalog, joinNamespace(namespace), name, kind, snapshotId, userId, report],
      expectedChanges: 1,
    },
    { sql: 'DELETE FROM metrics_reports WHERE at_ms <= ?', params: [nowMs - KEPT_MS] },
    {
      sql: `DELETE FROM metrics_reports WHERE id <= coalesce(
        (SELECT id FROM metrics_reports ORDER BY id DESC LIMIT 1 OFFSET ?), '')`,
      params: [MOST_REPORTS],
    },
  ]
}
