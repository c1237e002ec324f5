import 'server-only'
import type { RowDeletionReview } from '@/lib/contract/table/row-deletions'
import { doneShare, phaseLabel } from '@/lib/contract/run-kinds'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { deleteRowsAction } from '@/server/changes/actions/delete-rows'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { showReview } from '@/server/changes/pipeline/review-action'
import { propose } from '@/server/changes/proposals/proposals'
import { newAuditId } from '@/server/db/audit'
import type { Run } from '@/server/db/jobs/runs'
import { followRun, withWorker } from '@/server/jobs/follow-run'
import { type DeleteRowsOutcome, parseDeleteRowsOutcome } from '@/server/maintenance/delete-rows/delete-rows-task'
import type { Services } from '@/server/services'
import { readDeleteFilter } from '@/server/table-writes/rows/delete-filter'
import { runKinds } from '@/server/worker/run-kinds'
import { createProgressLine, progressBar } from '../terminal/progress-line'
import { loadTable } from '../table-plan'
import type { Terminal } from '../verb'

type Requested = {
  where: string
  /** Null: `main`. */
  branch: string | null
  /** Whether the rows are deleted, or only counted. It stands for the typed name. */
  isConfirmed: boolean
  proposal: { title: string; note: string } | null
}

/**
 * Counts the rows that match, and deletes them or proposes that.
 *
 * @returns the exit code
 * @throws {AppError} of the filter, of the review and of the run
 */
export async function deleteTableRows(
  services: Services,
  on: TableIdentifier,
  { where: requested, branch, isConfirmed, proposal }: Requested,
  terminal: Terminal,
): Promise<number> {
  const { signal } = terminal
  const actor = actorFor(COMMAND_LINE)
  // The same columns are meant when they get other names.
  const { where } = readDeleteFilter(requested, (await loadTable(services, on, signal)).metadata)
  const deletion = { where, branch }
  const review = await showReview(services, deleteRowsAction, { on, input: deletion }, { actor, signal })
  for (const line of reviewLines(review)) terminal.printMessage(line)
  const context = { actor, signal, requestId: null }
  if (proposal !== null) {
    const action = { kind: 'delete-rows', ...deletion } as const
    const proposed = await propose(services, { kind: 'table', identifier: on }, { action, ...proposal }, context)
    terminal.printMessage(`The deletion is proposed (${proposed.proposalId}). No row was deleted.`)
    return 0
  }
  if (!isConfirmed) {
    terminal.printMessage('No row was deleted. Repeat the command with --yes to delete them.')
    return 0
  }
  const { run: queued } = await carryOut(
    services,
    deleteRowsAction,
    { on, input: deletion },
    {
      ...context,
      idempotencyKey: newAuditId(),
      confirmedName: entryLabel(on),
    },
  )
  const run = await withWorker(services, runKinds(services), () => followDeletion(services, queued, signal))
  const outcome = requireOutcome(run)
  terminal.printMessage(
    outcome.snapshotId === null
      ? 'No row matches, so no snapshot was created.'
      : `${formatQuantity(outcome.rowsDeleted, 'row')} deleted as snapshot ${outcome.snapshotId}.`,
  )
  terminal.print(JSON.stringify({ runId: run.id, ...outcome }))
  return 0
}

async function followDeletion({ database }: Services, { id }: Run, signal: AbortSignal): Promise<Run> {
  const line = createProgressLine()
  try {
    return await followRun(database, id, { signal, onProgress: (run) => line.show(progressText(run)) })
  } finally {
    line.end()
  }
}

function reviewLines(review: RowDeletionReview): string[] {
  const { where, branch, wholeRowCount, wholeFileCount, matchingRowCount, matchingFileCount, isComplete, mode } = review
  const atLeast = isComplete ? '' : 'at least '
  return [
    `Rows of ${branch} where ${where}: ${atLeast}${formatQuantity(wholeRowCount + matchingRowCount, 'row')}.`,
    `${formatQuantity(wholeFileCount, 'data file')} to remove as a whole, and ${atLeast}${formatQuantity(matchingFileCount, 'data file')} with other rows, too (${mode}).`,
  ]
}

function progressText({ kind, state, progress, error }: Run): string {
  if (error !== null) return `${error.detail} Waiting to retry …`
  if (state === 'queued' || progress === null) return `${state} …`
  const { done, total } = progress
  const read = total === null ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`
  return [progressBar(doneShare(progress) ?? 0), read, phaseLabel(kind, progress)].join('  ')
}

/** @throws {AppError} the error of a run that failed */
function requireOutcome({ id, outcome, error }: Run): DeleteRowsOutcome {
  if (outcome !== null) return parseDeleteRowsOutcome(outcome)
  if (error === null) throw new Error(`run ${id} ended without an outcome`)
  throw new AppError(error.code, error.detail, { facts: { ...error.facts, runId: id } })
}
