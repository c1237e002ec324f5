import 'server-only'
import { AppError } from '@/lib/errors'
import type { BulkStep } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import type { Change, Database } from '@/server/db/database'
import { stoppedTablesChange } from '@/server/db/jobs/bulk-changes'
import { findBulkSpec } from '@/server/jobs/bulk-run-spec'
import { cancelRun } from '@/server/jobs/change-run'
import type { ChangeRequest } from '../pipeline/change-request'
import { hasEnded, requireRunner } from './queue-bulk-run'
import { findNewestRun, requireBulkChange } from './read-bulk-change'

type Left = { from: readonly BulkTableState[]; state: BulkTableState; problem: string | null }

/** The tables that a stopped step has not reached, and the state that they keep. A paused one would continue with them. */
const LEFT: Record<BulkStep, Left | null> = {
  preview: { from: ['waiting'], state: 'left', problem: null },
  write: { from: ['ready', 'ready-to-propose'], state: 'left', problem: null },
  // They stay in the open proposal.
  'commit-proposals': null,
  undo: { from: ['undoing'], state: 'not-undone', problem: 'The undo was stopped before it reached this table.' },
}

/**
 * Ends the open run of a change. Tables under way are finished, and get the state of their result; all others stay as
 * they are, and no run continues with them before another preview or undo.
 *
 * @throws {AppError} forbidden for other users than the one who started it; version-conflict without an open run
 */
export async function stopBulkChange(
  database: Database,
  on: { catalog: string; bulkChangeId: string },
  { actor, requestId }: Pick<ChangeRequest, 'actor' | 'requestId'>,
): Promise<void> {
  const change = await requireBulkChange(database, on, actor)
  const run = await findNewestRun(database, on.bulkChangeId)
  const step = run && findBulkSpec(run)?.step
  if (!run || !step || hasEnded(run))
    throw new AppError('version-conflict', 'No run of this change is open. Nothing was stopped.')
  requireRunner(change, step, actor)
  const changes = leaveChanges(on.bulkChangeId, step)
  // A pause that has not ended its run yet becomes a stop.
  if (run.isCancelRequested) await database.commit(changes)
  else await cancelRun(database, run.id, { actor, requestId }, changes)
}

/** Gives the tables that a stopped step has not reached the state that they keep. */
export function leaveChanges(bulkChangeId: string, step: BulkStep): Change[] {
  const left = LEFT[step]
  return left === null ? [] : [stoppedTablesChange(bulkChangeId, left.from, left)]
}
