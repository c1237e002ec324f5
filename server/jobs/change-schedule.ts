import 'server-only'
import type { Schedule as WireSchedule } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import { auditId, auditStatement } from '@/server/db/audit'
import { type Statement, UnexpectedChanges } from '@/server/db/database'
import { queueStatement, type Run, readRun } from '@/server/db/jobs'
import { openDatabase } from '@/server/db/open-database'
import { logStatements } from '@/server/db/run-logs'
import { lastRunStatement, listSchedules, readSchedule, type Schedule, setTimesStatement } from '@/server/db/schedules'
import { runActorOf, runAudit } from './change-run'
import { nextTime, nextTimes } from './cron-times'
import { mayRead, readableRun } from './run-view'

type Asked = { actor: Actor; requestId: string | null }

/** How many of its next times a schedule shows. */
const NEXT_SHOWN = 3

/** Those that the person may read, by title. */
export function readableSchedules(actor: Actor): Schedule[] {
  return listSchedules().filter((schedule) => mayRead(actor, schedule))
}

/**
 * Switches a schedule on or off, or gives it other times.
 *
 * @throws {AppError} not-found; invalid-request when the times cannot be read, or never come
 */
export async function changeSchedule(
  id: string,
  change: { cron?: string | undefined; timeZone?: string | undefined; isEnabled?: boolean | undefined },
  asked: Asked,
): Promise<Schedule> {
  const before = knownSchedule(id)
  const { cron = before.cron, timeZone = before.timeZone, isEnabled = before.isEnabled } = change
  const next = nextTime({ cron, timeZone }, Date.now())
  if (next === null) throw new AppError('invalid-request', `"${cron}" never comes.`, { facts: { cron } })
  const after = { cron, timeZone, isEnabled, nextAtMs: isEnabled ? next : null }
  await openDatabase().transact([setTimesStatement(id, after), auditOf(before, after, asked)])
  return knownSchedule(id)
}

/**
 * Queues what a schedule does now, in the name of who asks. Where its last run is still going, that is the one.
 *
 * @throws {AppError} not-found
 */
export async function runScheduleNow(id: string, asked: Asked): Promise<Run> {
  const { actor } = asked
  const schedule = knownSchedule(id)
  const last = schedule.lastRunId === null ? null : readRun(schedule.lastRunId)
  if (last && last.finishedAtMs === null) return last
  const queued = queueStatement({ ...schedule, actor: runActorOf(actor), scheduleId: id })
  const line = { atMs: Date.now(), level: 'info', text: `${actor.username} asked for it now.` } as const
  try {
    await openDatabase().transact([
      queued.statement,
      lastRunStatement(id, queued.id, schedule.lastRunId),
      ...logStatements(queued.id, [line], { isOfWorker: true }),
      runAudit('run-schedule', { ...schedule, id: queued.id }, asked),
    ])
  } catch (error) {
    // Somebody else asked, or its time came, since it was looked at.
    const other = knownSchedule(id).lastRunId
    if (!(error instanceof UnexpectedChanges) || other === null || other === schedule.lastRunId) throw error
    return readableRun(other, actor)
  }
  return readableRun(queued.id, actor)
}

export function wireSchedule(schedule: Schedule, nowMs: number): WireSchedule {
  const last = schedule.lastRunId === null ? null : readRun(schedule.lastRunId)
  const { id, kind, title, table, cron, timeZone, isEnabled, skippedAtMs, nextAtMs } = schedule
  return {
    id,
    kind,
    title,
    place: table && { ...table },
    cron,
    timeZone,
    isEnabled,
    // The next is the one that the worker waits for; it may be due already.
    nextAtMs: nextAtMs === null ? [] : [nextAtMs, ...nextTimes(schedule, NEXT_SHOWN - 1, Math.max(nextAtMs, nowMs))],
    lastRun: last && {
      id: last.id,
      state: last.state,
      createdAtMs: last.createdAtMs,
      finishedAtMs: last.finishedAtMs,
    },
    skippedAtMs,
  }
}

function knownSchedule(id: string): Schedule {
  const schedule = readSchedule(id)
  if (!schedule) throw new AppError('not-found', `There is no schedule ${id}.`)
  return schedule
}

type Times = Pick<Schedule, 'cron' | 'timeZone' | 'isEnabled'>

function auditOf(before: Schedule, after: Times, { actor, requestId }: Asked): Statement {
  const atMs = Date.now()
  const state = ({ cron, timeZone, isEnabled }: Times) => ({ schedule: { id: before.id, cron, timeZone, isEnabled } })
  const { table } = before
  return auditStatement(
    {
      actor,
      action: 'set-schedule',
      table,
      tableUuid: null,
      before: state(before),
      after: state(after),
      requestId,
      undoes: null,
    },
    { id: auditId(atMs), atMs },
  )
}
