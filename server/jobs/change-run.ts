import 'server-only'
import { ENDED_STATES } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import { auditId, auditStatement } from '@/server/db/audit'
import type { Statement } from '@/server/db/database'
import { queueStatement, type Run, readRun, requestCancel } from '@/server/db/jobs'
import type { RunActor } from '@/server/db/task-columns'
import { openDatabase } from '@/server/db/open-database'
import { logStatements } from '@/server/db/run-logs'
import { mayAskFor, mayChange, readableRun } from './run-view'

type Asked = { actor: Actor; requestId: string | null }

/**
 * Ends a run that waits, and asks one that is being done to end. Nothing happens to one that has ended.
 *
 * @throws {AppError} not-found, forbidden
 */
export async function cancelRun(id: string, asked: Asked): Promise<Run> {
  const run = readableRun(id, asked.actor)
  if (!mayChange(asked.actor, run)) throw new AppError('forbidden', 'This run is somebody else’s.')
  const text = `${asked.actor.username} cancelled it.`
  const line = { atMs: Date.now(), level: 'warning', text } as const
  if (!hasEnded(run) && !run.isCancelRequested) {
    await requestCancel(id, [...logStatements(id, [line], { isOfWorker: true }), runAudit('cancel-run', run, asked)])
  }
  return readRun(id) ?? run
}

/**
 * Asks for the same again, as a new run in the name of who asks.
 *
 * @throws {AppError} not-found, forbidden; invalid-request of a run that did not fail
 */
export async function retryRun(id: string, asked: Asked): Promise<Run> {
  const run = readableRun(id, asked.actor)
  if (!mayAskFor(asked.actor, run)) throw new AppError('forbidden', 'You may not ask for such a run.')
  if (run.state !== 'failed' && run.state !== 'cancelled') {
    throw new AppError(
      'invalid-request',
      `Only a run that failed or was cancelled is tried again; this is ${run.state}.`,
    )
  }
  const { kind, title, spec, table, exclusiveKey } = run
  const again = queueStatement({ kind, title, spec, table, exclusiveKey, actor: runActorOf(asked.actor) })
  const text = `${asked.actor.username} asked for run ${id} again.`
  const line = { atMs: Date.now(), level: 'info', text } as const
  await openDatabase().transact([
    again.statement,
    ...logStatements(again.id, [line], { isOfWorker: true }),
    runAudit('retry-run', run, asked),
  ])
  return readableRun(again.id, asked.actor)
}

/** Without the grants, which are of this moment. */
export function runActorOf({ userId, username, role }: Actor): RunActor {
  return { userId, username, role }
}

function hasEnded({ state }: Run): boolean {
  return ENDED_STATES.some((ended) => ended === state)
}

/** The audit row of what somebody asked of a run. */
export function runAudit(
  action: string,
  { id, kind, title, table }: Pick<Run, 'id' | 'kind' | 'title' | 'table'>,
  { actor, requestId }: Asked,
): Statement {
  const atMs = Date.now()
  return auditStatement(
    {
      actor,
      action,
      table,
      tableUuid: null,
      before: null,
      after: { run: { id, kind, title } },
      requestId,
      undoes: null,
    },
    { id: auditId(atMs), atMs },
  )
}
