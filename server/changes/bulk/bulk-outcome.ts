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
 * The counts of all tables of the change, also of those that the run did not take. An undo has no count of tables that
 * an earlier step failed to change: they are no warning about the undo.
 */
export async function readBulkOutcome(
  { database }: OutcomeServices,
  { bulkChangeId, step }: Pick<BulkRunSpec, 'bulkChangeId' | 'step'>,
): Promise<Record<string, number>> {
  const counts = await countBulkTables(database, bulkChangeId)
  const countOf = (...states: BulkTableState[]) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  const all = {
    readyCount: countOf('ready', 'ready-to-propose'),
    changedCount: countOf('changed'),
    proposedCount: countOf('proposed'),
    unchangedCount: countOf('unchanged'),
    failedCount: step === 'undo' ? 0 : countOf('failed'),
    unknownCount: countOf('unknown', 'undoing'),
    undoneCount: countOf('undone'),
    notUndoneCount: step === 'undo' ? countOf('not-undone') : 0,
  }
  const tableCount = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return { tableCount, ...Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0)) }
}

/**
 * The one entry of the audit that says what a run has done, with the counts of all its tables. Null for a preview, and
 * if it was written already.
 */
export async function endEntryChange(services: OutcomeServices, run: Run, auditId: unknown): Promise<Change | null> {
  const spec = findBulkSpec(run)
  if (spec === null || spec.step === 'preview' || typeof auditId !== 'string') return null
  if ((await readAudit(services.database, auditId)) !== null) return null
  const { id, kind, title } = run
  const counts = await readBulkOutcome(services, spec)
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
