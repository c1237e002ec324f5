import 'server-only'
import type { Change, Database } from '../database'
import { change, preparedQuery, query } from '../statement'
import type { Tables } from '../tables'
import { tryCommit } from '../try-commit'
import { type NewTask, taskColumns, toTask } from './task-columns'

/**
 * Schedules: tasks that are queued by the clock. The worker that advances `nextAtMs` from the value it read queues the
 * run.
 */

export type Schedule = NewTask & {
  id: string
  cron: string
  /** IANA name: `Europe/Berlin`, `UTC`. */
  timeZone: string
  isEnabled: boolean
  /** Null when the schedule is disabled, or has no further times. */
  nextAtMs: number | null
  lastRunId: string | null
  /** When it was last skipped because its last run was still running. */
  skippedAtMs: number | null
}

const MAX_SCHEDULES = 500

const ALL_SCHEDULES = query(({ db }) =>
  db.selectFrom('schedules').selectAll().orderBy('title').orderBy('id').limit(MAX_SCHEDULES),
)

const scheduleById = preparedQuery(({ db }, { id }: { id: string }) =>
  db.selectFrom('schedules').selectAll().where('id', '=', id),
)

/** By title; at most 500. */
export async function listSchedules(database: Database): Promise<Schedule[]> {
  return (await database.read(ALL_SCHEDULES)).map(toSchedule)
}

/** Null when the schedule does not exist. */
export async function readSchedule(database: Database, id: string): Promise<Schedule | null> {
  const [row] = await database.read(scheduleById({ id }))
  return row ? toSchedule(row) : null
}

/** Creates a schedule if none has this id; an existing one keeps the times that users have set. */
export async function ensureSchedule(
  database: Database,
  schedule: Omit<Schedule, 'lastRunId' | 'skippedAtMs'>,
): Promise<void> {
  if (await readSchedule(database, schedule.id)) return
  const row = { id: schedule.id, ...taskColumns(schedule), ...timeColumns(schedule) }
  await database.commit([
    change(({ db }) =>
      db
        .insertInto('schedules')
        .values(row)
        .onConflict((conflict) => conflict.doNothing()),
    ),
  ])
}

/** The fields that a user may change. */
export type ScheduleTimes = Pick<Schedule, 'cron' | 'timeZone' | 'isEnabled' | 'nextAtMs'>

/** Changes the times of a schedule. Fails the transaction if the schedule was removed. */
export function setTimesChange(id: string, times: ScheduleTimes): Change {
  return change(({ db }) => db.updateTable('schedules').set(timeColumns(times)).where('id', '=', id), {
    expectedRows: 1,
  })
}

function timeColumns({ cron, timeZone, isEnabled, nextAtMs }: ScheduleTimes) {
  return { cron, time_zone: timeZone, is_enabled: isEnabled ? 1 : 0, next_at_ms: nextAtMs }
}

/**
 * Advances a schedule to its next time, together with the changes for this time in one transaction.
 *
 * @param schedule as it was read: if several workers find it due, only one advances it
 * @returns whether this call advanced it
 */
export async function advanceSchedule(
  database: Database,
  schedule: Pick<Schedule, 'id' | 'nextAtMs'>,
  next: { nextAtMs: number | null; lastRunId?: string; skippedAtMs?: number },
  alongside: readonly Change[] = [],
): Promise<boolean> {
  const values = {
    next_at_ms: next.nextAtMs,
    ...(next.lastRunId !== undefined && { last_run_id: next.lastRunId }),
    ...(next.skippedAtMs !== undefined && { skipped_at_ms: next.skippedAtMs }),
  }
  const update = change(
    ({ db }) =>
      db
        .updateTable('schedules')
        .set(values)
        .where('id', '=', schedule.id)
        .where('next_at_ms', 'is not distinct from', schedule.nextAtMs)
        .where('is_enabled', '=', 1),
    { expectedRows: 1 },
  )
  return await tryCommit(database, [update, ...alongside])
}

/** Records the newest run of a schedule, also of a manual start; only if `before` was the newest until now. */
export function lastRunChange(id: string, lastRunId: string, before: string | null): Change {
  return change(
    ({ db }) =>
      db
        .updateTable('schedules')
        .set({ last_run_id: lastRunId })
        .where('id', '=', id)
        .where('last_run_id', 'is not distinct from', before),
    { expectedRows: 1 },
  )
}

function toSchedule(row: Tables['schedules']): Schedule {
  return {
    id: row.id,
    ...toTask(row),
    cron: row.cron,
    timeZone: row.time_zone,
    isEnabled: row.is_enabled === 1,
    nextAtMs: row.next_at_ms,
    lastRunId: row.last_run_id,
    skippedAtMs: row.skipped_at_ms,
  }
}
