import 'server-only'
import { type Change, type Database, UnexpectedChanges } from '../database'
import { change, preparedQuery, query } from '../statement'
import type { Tables } from '../tables'
import { type NewTask, taskColumns, toTask } from './task-columns'

/** Schedules: what is queued by the clock. Whoever moves `nextAtMs` on from what they read queues the run. */

export type Schedule = NewTask & {
  id: string
  cron: string
  /** IANA name: `Europe/Berlin`, `UTC`. */
  timeZone: string
  isEnabled: boolean
  /** Null of a schedule that is not enabled, or that never comes again. */
  nextAtMs: number | null
  lastRunId: string | null
  /** When it was last left out, since its last run was still going. */
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

/** Null where there is no such schedule. */
export async function readSchedule(database: Database, id: string): Promise<Schedule | null> {
  const [row] = await database.read(scheduleById({ id }))
  return row ? toSchedule(row) : null
}

/** Makes a schedule where there is none of this id; one that is there stays as people have set it. */
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

/** What a person may change. */
export type ScheduleTimes = Pick<Schedule, 'cron' | 'timeZone' | 'isEnabled' | 'nextAtMs'>

/** Gives a schedule other times. Fails the transaction when it is gone. */
export function setTimesChange(id: string, times: ScheduleTimes): Change {
  return change(({ db }) => db.updateTable('schedules').set(timeColumns(times)).where('id', '=', id), {
    expectedRows: 1,
  })
}

function timeColumns({ cron, timeZone, isEnabled, nextAtMs }: ScheduleTimes) {
  return { cron, time_zone: timeZone, is_enabled: isEnabled ? 1 : 0, next_at_ms: nextAtMs }
}

/**
 * Moves a schedule on to its next time, with what is done at this one in the same transaction.
 *
 * @param schedule the schedule as it was read: of several workers that see it due, one moves it on
 * @returns whether it was this one
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
  try {
    await database.commit([update, ...alongside])
    return true
  } catch (error) {
    if (error instanceof UnexpectedChanges) return false
    throw error
  }
}

/** Notes the newest run of a schedule, by hand as well; only where `before` was the newest until now. */
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
