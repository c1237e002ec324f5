import 'server-only'
import type { Schedule as WireSchedule } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import { auditChange } from '@/server/db/audit'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'
import { queueRunChange, type Run, readRun, readRuns } from '@/server/db/jobs/runs'
import { logChanges } from '@/server/db/jobs/run-logs'
import { lastRunChange, listSchedules, readSchedule, type Schedule, setTimesChange } from '@/server/db/jobs/schedules'
import { toRunActor, runAuditChange } from './change-run'
import { nextTime, nextTimes } from './cron-times'
import { canRead, requireReadableRun, warningsOf } from './run-view'

type Caller = { actor: Actor; requestId: string | null }

/** How many upcoming times a schedule shows. */
const SHOWN_NEXT_TIMES = 3

/** The schedules that the actor may read, by title. */
export async function listReadableSchedules(database: Database, actor: Actor): Promise<Schedule[]> {
  return (await listSchedules(database)).filter((schedule) => canRead(actor, schedule))
}

/**
 * Enables or disables a schedule, or changes its times.
 *
 * @throws {AppError} not-found; invalid-request when the times are invalid or never come
 */
export async function changeSchedule(
  database: Database,
  id: string,
  change: { cron?: string | undefined; timeZone?: string | undefined; isEnabled?: boolean | undefined },
  caller: Caller,
): Promise<Schedule> {
  const before = await requireSchedule(database, id)
  const { cron = before.cron, timeZone = before.timeZone, isEnabled = before.isEnabled } = change
  const next = nextTime({ cron, timeZone }, database.nowMs())
  if (next === null) throw new AppError('invalid-request', `"${cron}" never matches a date.`, { facts: { cron } })
  const after = { cron, timeZone, isEnabled, nextAtMs: isEnabled ? next : null }
  await database.commit([setTimesChange(id, after), scheduleAuditChange(before, after, caller)])
  return requireSchedule(database, id)
}

/**
 * Queues the task of a schedule now, in the caller's name. If its last run is still running, returns that run.
 *
 * @throws {AppError} not-found
 */
export async function runScheduleNow(database: Database, id: string, caller: Caller): Promise<Run> {
  const { actor } = caller
  const schedule = await requireSchedule(database, id)
  const lastRun = schedule.lastRunId === null ? null : await readRun(database, schedule.lastRunId)
  if (lastRun && lastRun.finishedAtMs === null) return lastRun
  const queued = queueRunChange(database, { ...schedule, actor: toRunActor(actor), scheduleId: id })
  const line = { atMs: database.nowMs(), level: 'info', text: `${actor.username} started it manually.` } as const
  try {
    await database.commit([
      queued.change,
      lastRunChange(id, queued.id, schedule.lastRunId),
      ...logChanges(queued.id, [line], { isFromWorker: true }),
      runAuditChange('run-schedule', { ...schedule, id: queued.id }, caller),
    ])
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    // Another user or the schedule itself queued a run after the schedule was read.
    const otherRunId = (await requireSchedule(database, id)).lastRunId
    if (otherRunId === null || otherRunId === schedule.lastRunId) throw error
    return requireReadableRun(database, otherRunId, actor)
  }
  return requireReadableRun(database, queued.id, actor)
}

export async function buildWireSchedule(database: Database, schedule: Schedule): Promise<WireSchedule> {
  const lastRun = schedule.lastRunId === null ? null : await readRun(database, schedule.lastRunId)
  return toWire(schedule, lastRun, database.nowMs())
}

export async function buildWireSchedules(database: Database, schedules: readonly Schedule[]): Promise<WireSchedule[]> {
  const lastRuns = await readRuns(
    database,
    schedules.flatMap(({ lastRunId }) => lastRunId ?? []),
  )
  const nowMs = database.nowMs()
  return schedules.map((schedule) => toWire(schedule, lastRuns.get(schedule.lastRunId ?? '') ?? null, nowMs))
}

function toWire(schedule: Schedule, lastRun: Run | null, nowMs: number): WireSchedule {
  const { id, kind, title, table, cron, timeZone, isEnabled, skippedAtMs, nextAtMs } = schedule
  return {
    id,
    kind,
    title,
    table: table && { ...table },
    cron,
    timeZone,
    isEnabled,
    // The first is the next one for the worker; it may already be due.
    nextRunsAtMs:
      nextAtMs === null ? [] : [nextAtMs, ...nextTimes(schedule, SHOWN_NEXT_TIMES - 1, Math.max(nextAtMs, nowMs))],
    lastRun: lastRun && {
      id: lastRun.id,
      state: lastRun.state,
      warnings: warningsOf(lastRun),
      createdAtMs: lastRun.createdAtMs,
      finishedAtMs: lastRun.finishedAtMs,
    },
    lastSkippedAtMs: skippedAtMs,
  }
}

async function requireSchedule(database: Database, id: string): Promise<Schedule> {
  const schedule = await readSchedule(database, id)
  if (!schedule) throw new AppError('not-found', `There is no schedule ${id}.`)
  return schedule
}

type Times = Pick<Schedule, 'cron' | 'timeZone' | 'isEnabled'>

function scheduleAuditChange(before: Schedule, after: Times, { actor, requestId }: Caller): Change {
  const state = ({ cron, timeZone, isEnabled }: Times) => ({ schedule: { id: before.id, cron, timeZone, isEnabled } })
  const { table } = before
  return auditChange({
    actor,
    action: 'set-schedule',
    table,
    before: state(before),
    after: state(after),
    requestId,
  })
}
