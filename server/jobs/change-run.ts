import 'server-only'
import { ENDED_STATES } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import { auditChange } from '@/server/db/audit'
import type { Change, Database } from '@/server/db/database'
import { queueRunChange, type Run, readRun, requestCancel } from '@/server/db/jobs/runs'
import { logChanges } from '@/server/db/jobs/run-logs'
import { type AwaitedUploads, awaitUploadsChanges } from '@/server/db/uploads/awaiting-runs'
import { tryCommit } from '@/server/db/try-commit'
import type { RunActor } from '@/server/db/jobs/task-columns'
import { canQueue, canChange, requireReadableRun } from './run-view'

type Caller = { actor: Actor; requestId: string | null }

/**
 * Cancels a run: a queued one ends at once, a running one is ended by its worker. A run that has ended stays as it is.
 *
 * @param changes written with the request, unless the run has ended or is being cancelled
 * @throws {AppError} not-found, forbidden
 */
export async function cancelRun(
  database: Database,
  id: string,
  caller: Caller,
  changes: readonly Change[] = [],
): Promise<Run> {
  const run = await requireReadableRun(database, id, caller.actor)
  if (!canChange(caller.actor, run)) throw new AppError('forbidden', 'You may not cancel this run.')
  const text = `${caller.actor.username} cancelled it.`
  const line = { atMs: database.nowMs(), level: 'warning', text } as const
  if (!hasEnded(run) && !run.isCancelRequested) {
    const alongside = [
      ...logChanges(id, [line], { isFromWorker: true }),
      runAuditChange('cancel-run', run, caller),
      ...changes,
    ]
    await requestCancel(database, id, alongside)
  }
  return (await readRun(database, id)) ?? run
}

/**
 * Queues the same task again, as a new run in the caller's name.
 *
 * @param findAwaited the uploads that the new run has to wait for; absent: it waits for none
 * @throws {AppError} not-found, forbidden; invalid-request for a run that did not fail; version-conflict when one of the
 *   uploads was removed at the same time, or is awaited by another run
 */
export async function retryRun(
  database: Database,
  id: string,
  caller: Caller,
  findAwaited: (run: Run, actor: Actor) => Promise<AwaitedUploads | null> = async () => null,
): Promise<Run> {
  const run = await requireReadableRun(database, id, caller.actor)
  if (!canQueue(caller.actor, run)) throw new AppError('forbidden', 'You may not start a run like this.')
  if (run.state !== 'failed' && run.state !== 'cancelled') {
    throw new AppError('invalid-request', `Only a failed or cancelled run can be retried; this run is ${run.state}.`)
  }
  const { kind, title, spec, table, exclusiveKey, scheduleId, lane } = run
  const task = { kind, title, spec, table, exclusiveKey, actor: toRunActor(caller.actor) }
  const awaited = await findAwaited(run, caller.actor)
  const awaitedUploads = awaited?.uploadIds.length ?? 0
  const retry = queueRunChange(database, { ...task, scheduleId, lane, awaitedUploads })
  const text = `${caller.actor.username} retried run ${id}.`
  const line = { atMs: database.nowMs(), level: 'info', text } as const
  const changes = [
    retry.change,
    ...(awaited === null ? [] : awaitUploadsChanges(retry.id, awaited)),
    ...logChanges(retry.id, [line], { isFromWorker: true }),
    runAuditChange('retry-run', run, caller),
  ]
  if (!(await tryCommit(database, changes)))
    throw new AppError(
      'version-conflict',
      'The uploads of the run have changed, or too many of your runs wait for uploads. No run was queued.',
    )
  return requireReadableRun(database, retry.id, caller.actor)
}

/** Leaves out the grants, which may change before the run starts. */
export function toRunActor({ userId, username, role, limit }: Actor): RunActor {
  return { userId, username, role, ...(limit && { limit }) }
}

function hasEnded({ state }: Run): boolean {
  return ENDED_STATES.some((ended) => ended === state)
}

/** The audit row of a user's action on a run. */
export function runAuditChange(
  action: string,
  { id, kind, title, table }: Pick<Run, 'id' | 'kind' | 'title' | 'table'>,
  { actor, requestId }: Caller,
): Change {
  return auditChange({
    actor,
    action,
    table,
    before: null,
    after: { run: { id, kind, title } },
    requestId,
  })
}
