import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readAudit } from '@/server/db/audit-list'
import type { Database } from '@/server/db/database'
import { type NewRun, queueRunChange, type Run, readRun } from '@/server/db/jobs/runs'
import type { Attempt } from '../pipeline/attempt'
import type { ChangeServices } from '../pipeline/change-request'

/** Queues the run that carries out an action, in one transaction with the rows that every write has. */
export async function startRun(
  attempt: Attempt<ChangeServices>,
  on: TableIdentifier,
  task: NewRun,
  action: 'start-run' | 'start-clone',
): Promise<Run> {
  const { database } = attempt.services
  const { id, change } = queueRunChange(database, task)
  const run = { id, kind: task.kind, title: task.title }
  const known = attempt.entry({ action, table: on, before: null, after: { run } })
  await database.commit([change, ...attempt.recorded({ known }).alongside(undefined)])
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
