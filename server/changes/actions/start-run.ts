import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readAudit } from '@/server/db/audit-list'
import { type NewRun, queueRunChange, type Run, readRun } from '@/server/db/jobs/runs'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'
import { type AwaitedUploads, awaitUploadsChanges } from '@/server/db/uploads/awaiting-runs'
import { notAwaitedError } from '@/server/ingest/run/waiting/awaited-uploads'
import type { Attempt } from '../pipeline/attempt'
import type { ChangeServices } from '../pipeline/change-request'

/** Queues the run that carries out an action, in one transaction with the rows that every write has. */
export function startRun(
  attempt: Attempt<ChangeServices>,
  on: TableIdentifier,
  task: NewRun,
  action: 'start-run' | 'start-clone',
): Promise<Run> {
  return queueTask(attempt, on, task, action, () => [])
}

/**
 * Queues a run that waits for uploads.
 *
 * @throws {AppError} invalid-request when one of them is gone or belongs to another run; too-many-requests when the user
 *   has the greatest number of runs that wait
 */
export async function startAwaitingRun(
  attempt: Attempt<ChangeServices>,
  on: TableIdentifier,
  task: NewRun,
  awaited: AwaitedUploads,
): Promise<Run> {
  const { database } = attempt.services
  const awaitedUploads = awaited.uploadIds.length
  try {
    return await queueTask(attempt, on, { ...task, awaitedUploads }, 'start-run', (id) =>
      awaitUploadsChanges(id, awaited),
    )
  } catch (error) {
    // The run itself is the first change, and cannot fail.
    if (error instanceof UnexpectedChanges && error.index === 1) throw await notAwaitedError(database, awaited)
    throw error
  }
}

async function queueTask(
  attempt: Attempt<ChangeServices>,
  on: TableIdentifier,
  task: NewRun,
  action: 'start-run' | 'start-clone',
  toChanges: (id: string) => readonly Change[],
): Promise<Run> {
  const { database } = attempt.services
  const { id, change } = queueRunChange(database, task)
  const run = { id, kind: task.kind, title: task.title }
  const known = attempt.entry({ action, table: on, before: null, after: { run } })
  await database.commit([change, ...toChanges(id), ...attempt.recorded({ known }).alongside(undefined)])
  return requireRun(database, id)
}

/** The run that an earlier request queued. @throws {AppError} not-found for one that was removed */
export async function readStartedRun({ database }: Pick<ChangeServices, 'database'>, auditId: string): Promise<Run> {
  const runId = (await readAudit(database, auditId))?.after?.run?.id
  if (runId === undefined) throw new Error(`The audit entry ${auditId} names no run.`)
  return requireRun(database, runId)
}

async function requireRun(database: Database, id: string): Promise<Run> {
  const run = await readRun(database, id)
  if (run === null) throw new AppError('not-found', 'The run was removed.')
  return run
}
