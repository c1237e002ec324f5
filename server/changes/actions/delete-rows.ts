import 'server-only'
import type { RowDeletionReview } from '@/lib/contract/table/row-deletions'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'
import type { Run } from '@/server/db/jobs/runs'
import { toRunActor } from '@/server/jobs/change-run'
import { toDeleteRowsTask } from '@/server/maintenance/delete-rows/delete-rows-task'
import { requireDeletionBranch } from '@/server/maintenance/delete-rows/deletion-branch'
import { readDeletionReview } from '@/server/maintenance/delete-rows/deletion-review'
import type { Services } from '@/server/services'
import { readDeleteFilter, requireFilterText } from '@/server/table-writes/rows/delete-filter'
import type { NothingReviewed, ProposableAction } from '../pipeline/action'
import { reviewPlan } from '../pipeline/review-problem'
import { readStartedRun, startRun } from './start-run'

type DeletionServices = Pick<Services, 'catalogs' | 'database' | 'manifestCache'>
/** `branch`: null for `main`. */
type RowDeletion = { where: string; branch: string | null }

/**
 * Queues a run that deletes the rows that match a filter. The filter says all that is removed, so rows that others add
 * before the commit are removed, too, if they match. The run checks again what it may when it starts, and with its commit.
 */
export const deleteRowsAction: ProposableAction<
  DeletionServices,
  TableIdentifier,
  RowDeletion,
  NothingReviewed,
  { run: Run },
  RowDeletionReview
> = {
  kind: 'delete-rows',
  isHeld: true,
  proposalAdvice: `Propose the deletion, so that another user can commit it: on the page Data, or with ${lakeshoreCommands.proposeRowDeletion()}.`,
  toReviewed: () => ({}),
  permissions: (on) => [{ permission: 'table:write', resource: on }],
  async review({ services, catalog, signal }, on, deletion) {
    const table = await catalog.loadTable(on, { signal })
    const where = requireFilterText(deletion.where)
    return reviewPlan(
      () => {
        requireDeletionBranch(table.metadata, deletion.branch)
        readDeleteFilter(where, table.metadata)
      },
      () => ({ problem: null, show: () => readDeletionReview(services, table, deletion, signal) }),
    )
  },
  async commit(attempt, on, { where: requested, branch }) {
    const { actor, request } = attempt
    attempt.requireTypedName(on)
    const { metadata, requireReadable } = await attempt.loadTable(on)
    requireReadable?.()
    const { tableUuid } = metadata
    attempt.requireSame(tableUuid)
    requireDeletionBranch(metadata, branch)
    if (metadata.currentSnapshotId === null && branch === null)
      throw new AppError('invalid-request', 'The table has no rows yet. Nothing was started.')
    const { where, text } = readDeleteFilter(requested, metadata)
    const spec = { where, text, branch, tableUuid, proposalId: request.proposal?.proposalId ?? null }
    return { run: await startRun(attempt, on, toDeleteRowsTask(on, spec, toRunActor(actor)), 'start-run') }
  },
  repeat: async ({ services }, _on, _deletion, auditId) => ({ run: await readStartedRun(services, auditId) }),
}
