import 'server-only'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { auditChange } from '@/server/db/audit'
import { readAudit } from '@/server/db/audit-list'
import type { Change } from '@/server/db/database'
import { countBulkTables } from '@/server/db/jobs/bulk-changes'
import type { Run } from '@/server/db/jobs/runs'
import { type BulkRunSpec, findBulkSpec } from '@/server/jobs/bulk-run-spec'
import type { ChangeServices } from '../pipeline/change-request'

const AUDIT_ACTIONS = {
  write: 'change-tables',
  'commit-proposals': 'commit-proposals-of-tables',
  undo: 'undo-change-of-tables',
} as const

type OutcomeServices = Pick<ChangeServices, 'database'>

/**
 * The counts of the tables to which the run gave a result. The runs of a change follow each other, so a table with a
 * result of an earlier run has a time before the start of this one. An undo may be queued while that run still works.
 */
export async function readBulkOutcome(
  { database }: OutcomeServices,
  { bulkChangeId }: Pick<BulkRunSpec, 'bulkChangeId'>,
  run: Pick<Run, 'createdAtMs' | 'startedAtMs'>,
): Promise<Record<string, number>> {
  const counts = await countBulkTables(database, bulkChangeId, { sinceMs: beginOf(run) })
  const countOf = (...states: BulkTableState[]) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  const all = {
    readyCount: countOf('ready', 'ready-to-propose'),
    changedCount: countOf('changed'),
    proposedCount: countOf('proposed'),
    unchangedCount: countOf('unchanged'),
    failedCount: countOf('failed'),
    unknownCount: countOf('unknown', 'undoing'),
    leftCount: countOf('left'),
    undoneCount: countOf('undone'),
    notUndoneCount: countOf('not-undone'),
  }
  const tableCount = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return { tableCount, ...Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0)) }
}

/** When a run began to give results. */
export function beginOf({ startedAtMs, createdAtMs }: Pick<Run, 'createdAtMs' | 'startedAtMs'>): number {
  return startedAtMs ?? createdAtMs
}

/**
 * The one entry of the audit that says what a run has done, with the counts of its tables. Null for a preview, and
 * if it was written already.
 */
export async function endEntryChange(services: OutcomeServices, run: Run, auditId: unknown): Promise<Change | null> {
  const spec = findBulkSpec(run)
  if (spec === null || spec.step === 'preview' || typeof auditId !== 'string') return null
  if ((await readAudit(services.database, auditId)) !== null) return null
  const { id, kind, title } = run
  const counts = await readBulkOutcome(services, spec, run)
  return auditChange(
    {
      actor: { ...run.actor, origin: { kind: 'job', job: kind } },
      action: AUDIT_ACTIONS[spec.step],
      before: null,
      after: {
        run: { id, kind, title },
        bulkChange: { bulkChangeId: spec.bulkChangeId, catalog: spec.catalog, counts },
      },
      requestId: null,
    },
    { id: auditId },
  )
}
