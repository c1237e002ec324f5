import 'server-only'
import { type Statement, UnexpectedChanges } from './database'
import { openDatabase } from './open-database'
import { type NewTask, TASK_COLUMNS, type TaskRow, taskOfRow, taskParams } from './task-columns'

/** Schedules: what is queued by the clock. Whoever moves `nextAtMs` on, seen as it was, queues the run. */

export type Schedule = NewTask & {
  id: string
  cron: string
  /** IANA name: `Europe/Berlin`, `UTC`. */
  timeZone: string
  isEnabled: boolean
  /** Null of one that is not enabled, or that never comes again. */
  nextAtMs: number | null
  lastRunId: string | null
  /** When it was last left out, since its last run was still going. */
  skippedAtMs: number | null
}

export const MOST_SCHEDULES = 500

/** By title; at most 500. */
export function listSchedules(): Schedule[] {
  return select('ORDER BY title, id')
}

/** Null where there is no such schedule. */
export function readSchedule(id: string): Schedule | null {
  return select('WHERE id = ?', [id])[0] ?? null
}

/** Makes a schedule where there is none of this id; one that is there stays as people have set it. */
export async function ensureSchedule(schedule: Omit<Schedule, 'lastRunId' | 'skippedAtMs'>): Promise<void> {
  if (readSchedule(schedule.id)) return
  await openDatabase().transact([
    {
      sql: `INSERT INTO schedules (id, ${TASK_COLUMNS}, cron, time_zone, is_enabled, next_at_ms)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      params: [
        schedule.id,
        ...taskParams(schedule),
        schedule.cron,
        schedule.timeZone,
        schedule.isEnabled ? 1 : 0,
        schedule.nextAtMs,
      ],
    },
  ])
}

/** What a person may change. */
export type ScheduleTimes = Pick<Schedule, 'cron' | 'timeZone' | 'isEnabled' | 'nextAtMs'>

/** Gives a schedule other times. Fails the transaction when it is gone. */
export function setTimesStatement(id: string, { cron, timeZone, isEnabled, nextAtMs }: ScheduleTimes): Statement {
  return {
    sql: 'UPDATE schedules SET cron = ?, time_zone = ?, is_enabled = ?, next_at_ms = ? WHERE id = ?',
    params: [cron, timeZone, isEnabled ? 1 : 0, nextAtMs, id],
    expectedChanges: 1,
  }
}

/**
 * Moves a schedule on to its next time, with what is done at this one in the same transaction.
 *
 * @param seen the schedule as it was read: of several workers that see it due, one moves it on
 * @returns whether it was this one
 */
export async function moveOn(
  seen: Pick<Schedule, 'id' | 'nextAtMs'>,
  to: { nextAtMs: number | null; lastRunId?: string; skippedAtMs?: number },
  alongside: readonly Statement[] = [],
): Promise<boolean> {
  const statement: Statement = {
    sql: `UPDATE schedules SET next_at_ms = ?, last_run_id = coalesce(?, last_run_id),
        skipped_at_ms = coalesce(?, skipped_at_ms) WHERE id = ? AND next_at_ms IS ? AND is_enabled = 1`,
    params: [to.nextAtMs, to.lastRunId ?? null, to.skippedAtMs ?? null, seen.id, seen.nextAtMs],
    expectedChanges: 1,
  }
  try {
    await openDatabase().transact([statement, ...alongside])
    return true
  } catch (error) {
    if (error instanceof UnexpectedChanges) return false
    throw error
  }
}

/** The run that a schedule was last asked for, by hand as well; only where `before` was the last until now. */
export function lastRunStatement(id: string, lastRunId: string, before: string | null): Statement {
  return {
    sql: 'UPDATE schedules SET last_run_id = ? WHERE id = ? AND last_run_id IS ?',
    params: [lastRunId, id, before],
    expectedChanges: 1,
  }
}

type ScheduleRow = TaskRow & {
  id: string
  cron: string
  time_zone: string
  is_enabled: number
  next_at_ms: number | null
  last_run_id: string | null
  skipped_at_ms: number | null
}

function select(where: string, params: readonly string[] = []): Schedule[] {
  const rows = openDatabase().read<ScheduleRow>(`SELECT * FROM schedules ${where} LIMIT ${MOST_SCHEDULES}`, params)
  return rows.map((row) => ({
    id: row.id,
    ...taskOfRow(row),
    cron: row.cron,
    timeZone: row.time_zone,
    isEnabled: row.is_enabled === 1,
    nextAtMs: row.next_at_ms,
    lastRunId: row.last_run_id,
    skippedAtMs: row.skipped_at_ms,
  }))
}
