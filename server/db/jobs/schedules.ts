import 'server-only'
import type { ScheduleStart } from '@/lib/contract/jobs'
import { MAX_OWN_SCHEDULES, MAX_SCHEDULES } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Change, Database } from '../database'
import { insertIf, isBelow, ROW_COUNT } from '../insert-if'
import { change, preparedQuery, query } from '../statement'
import type { Tables } from '../tables'
import { commitOrThrow, tryCommit } from '../try-commit'
import { type NewTask, taskColumns, toTask } from './task-columns'

/**
 * Schedules: tasks that are queued again and again, by the clock, after changes of tables, or by hand. The worker that
 * advances `nextAtMs` from the value it read queues the run.
 */

export type Schedule = NewTask &
  ScheduleTimes & {
    id: string
    /** Null: the schedule belongs to the console itself. */
    ownerId: string | null
    lastRunId: string | null
    /** When it was last skipped because its last run was still running. */
    skippedAtMs: number | null
    startsBy: ScheduleStart
    /** The tables whose changes queue a run; empty unless it starts by them. */
    watchedTables: readonly TableIdentifier[]
    /** The snapshots of their `main` that the last run saw, in the same order; null: not read yet. */
    seenHeads: readonly (string | null)[] | null
    /** How far the runs have come, as their kind says. */
    state: JsonObject | null
    /** Why it was disabled, if no user did it. */
    pausedBecause: string | null
    /** Grows with each change by a user, and when it is paused. */
    version: number
    /** Null for schedules of the console itself, until a user changes one. */
    createdAtMs: number | null
    changedAtMs: number | null
  }

/** When a schedule is due. */
export type ScheduleTimes = {
  /** Empty if it never started by the clock. */
  cron: string
  /** IANA name: `Europe/Berlin`, `UTC`. */
  timeZone: string
  isEnabled: boolean
  /**
   * Null when the schedule is disabled, starts by hand, or has no further times. One that starts by tables looks at them
   * then.
   */
  nextAtMs: number | null
}

/** A schedule of the console itself. */
export type ConsoleSchedule = NewTask & ScheduleTimes & { id: string }

/** A schedule that a user creates. */
export type NewSchedule = ConsoleSchedule & Pick<Schedule, 'startsBy' | 'watchedTables'> & { ownerId: string }

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

const FAILED_SCHEDULES = query(({ db }) =>
  db
    .selectFrom('schedules')
    .innerJoin('runs', 'runs.id', 'schedules.last_run_id')
    .selectAll('schedules')
    .where('schedules.is_enabled', '=', 1)
    .where('schedules.owner_id', 'is not', null)
    .where('runs.state', '=', 'failed'),
)

/** Enabled schedules of users whose last run failed. */
export async function listFailedSchedules(database: Database): Promise<Schedule[]> {
  return (await database.read(FAILED_SCHEDULES)).map(toSchedule)
}

/** Creates a schedule if none has this id; an existing one keeps the times that users have set. */
export async function ensureSchedule(database: Database, schedule: ConsoleSchedule): Promise<void> {
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

/**
 * Creates a schedule of a user.
 *
 * @param hasNoLimit whether the owner may have more than {@link MAX_OWN_SCHEDULES}, as admins may
 * @param alongside further changes, in the same transaction
 * @throws {AppError} invalid-request when the owner, or all users together, have as many as allowed
 */
export async function createSchedule(
  database: Database,
  schedule: NewSchedule,
  { hasNoLimit }: { hasNoLimit: boolean },
  alongside: readonly Change[] = [],
): Promise<void> {
  const { id, ownerId } = schedule
  const insert = change(
    (dialect) => {
      const own = dialect.db.selectFrom('schedules as own').select(ROW_COUNT).where('own.owner_id', '=', ownerId)
      const all = dialect.db.selectFrom('schedules as any_owner').select(ROW_COUNT)
      const row = {
        id,
        ...taskColumns(schedule),
        ...timeColumns(schedule),
        ...startColumns(schedule),
        owner_id: ownerId,
        created_at_ms: dialect.nowMs,
        changed_at_ms: dialect.nowMs,
      }
      return insertIf(
        dialect,
        'schedules',
        row,
        isBelow(all, MAX_SCHEDULES),
        ...(hasNoLimit ? [] : [isBelow(own, MAX_OWN_SCHEDULES)]),
      )
    },
    { expectedRows: 1, guards: ['schedules'] },
  )
  await commitOrThrow(database, [insert, ...alongside], () => tooManySchedulesError(hasNoLimit))
}

function tooManySchedulesError(hasNoLimit: boolean): AppError {
  const limit = hasNoLimit
    ? `There are at most ${MAX_SCHEDULES} schedules.`
    : `A user has at most ${MAX_OWN_SCHEDULES} schedules, and all users together have at most ${MAX_SCHEDULES}.`
  return new AppError('invalid-request', `${limit} Nothing was saved. Remove one that is no longer needed.`)
}

/** The fields that a user may change. */
type ScheduleEdit = ScheduleTimes & Pick<Schedule, 'title' | 'startsBy' | 'watchedTables'>

/**
 * Changes a schedule as a user asked, and ends a pause. The first change of the transaction fails if the schedule was
 * removed or has another version.
 */
export function editScheduleChange(before: Schedule, edit: ScheduleEdit): Change {
  const { id, version } = before
  const { seen_heads: noHeads, ...start } = startColumns(edit)
  const watchesSame = JSON.stringify(startColumns(before)) === JSON.stringify(startColumns(edit))
  return change(
    ({ db, nowMs }) =>
      db
        .updateTable('schedules')
        .set((eb) => ({
          title: edit.title,
          ...timeColumns(edit),
          ...start,
          ...(!watchesSame && { seen_heads: noHeads }),
          paused_because: null,
          changed_at_ms: nowMs,
          version: eb('version', '+', 1),
        }))
        .where('id', '=', id)
        .where('version', '=', version),
    { expectedRows: 1 },
  )
}

/**
 * Gives a schedule to another user, who is allowed as many as anybody.
 *
 * @param nextAtMs when it goes on; undefined: as it is
 */
export function giveScheduleChange(
  { id, version }: Pick<Schedule, 'id' | 'version'>,
  { actor, isEnabled, nextAtMs }: Pick<Schedule, 'actor' | 'isEnabled' | 'nextAtMs'>,
  { hasNoLimit }: { hasNoLimit: boolean },
): Change {
  return change(
    ({ db, nowMs }) =>
      db
        .updateTable('schedules')
        .set((eb) => ({
          actor: JSON.stringify(actor),
          owner_id: actor.userId,
          is_enabled: isEnabled ? 1 : 0,
          next_at_ms: nextAtMs,
          paused_because: null,
          changed_at_ms: nowMs,
          version: eb('version', '+', 1),
        }))
        .where('id', '=', id)
        .where('version', '=', version)
        .$if(!hasNoLimit, (update) =>
          update.where((eb) =>
            isBelow(
              eb.selectFrom('schedules as own').select(ROW_COUNT).where('own.owner_id', '=', actor.userId),
              MAX_OWN_SCHEDULES,
            ),
          ),
        ),
    { expectedRows: 1, guards: ['schedules'] },
  )
}

/** Disables a schedule that cannot go on, unless a user changed it. */
export function pauseScheduleChange({ id, version }: Pick<Schedule, 'id' | 'version'>, pausedBecause: string): Change {
  return change(
    ({ db }) =>
      db
        .updateTable('schedules')
        .set((eb) => ({
          is_enabled: 0,
          next_at_ms: null,
          paused_because: pausedBecause,
          version: eb('version', '+', 1),
        }))
        .where('id', '=', id)
        .where('version', '=', version)
        .where('is_enabled', '=', 1),
    { expectedRows: 1 },
  )
}

/** Removes a schedule of a user, if it has this version. Its runs stay. */
export function removeScheduleChange({ id, version }: Pick<Schedule, 'id' | 'version'>): Change {
  return change(
    ({ db }) =>
      db.deleteFrom('schedules').where('id', '=', id).where('version', '=', version).where('owner_id', 'is not', null),
    { expectedRows: 1 },
  )
}

/** For the transaction of the success of a run. Does nothing if the schedule was removed. */
export function scheduleStateChange(id: string, state: JsonObject): Change {
  return change(({ db }) =>
    db
      .updateTable('schedules')
      .set({ state: JSON.stringify(state) })
      .where('id', '=', id),
  )
}

function timeColumns({ cron, timeZone, isEnabled, nextAtMs }: ScheduleTimes) {
  return { cron, time_zone: timeZone, is_enabled: isEnabled ? 1 : 0, next_at_ms: nextAtMs }
}

/** The heads of other tables are read first: a run follows their next change. */
function startColumns({ startsBy, watchedTables }: Pick<Schedule, 'startsBy' | 'watchedTables'>) {
  return { starts_by: startsBy, watched_tables: JSON.stringify(watchedTables), seen_heads: null }
}

type Advance = {
  nextAtMs: number | null
  lastRunId?: string
  skippedAtMs?: number
  seenHeads?: NonNullable<Schedule['seenHeads']>
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
  { nextAtMs, lastRunId, skippedAtMs, seenHeads }: Advance,
  alongside: readonly Change[] = [],
): Promise<boolean> {
  const values = {
    next_at_ms: nextAtMs,
    ...(lastRunId !== undefined && { last_run_id: lastRunId }),
    ...(skippedAtMs !== undefined && { skipped_at_ms: skippedAtMs }),
    ...(seenHeads !== undefined && { seen_heads: JSON.stringify(seenHeads) }),
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

/**
 * Records the newest run of a schedule, also of a manual start; only if `before` was the newest until now.
 *
 * @param seenHeads those that the run sees, if the schedule watches tables
 */
export function lastRunChange(
  id: string,
  lastRunId: string,
  before: string | null,
  seenHeads: Schedule['seenHeads'] = null,
): Change {
  return change(
    ({ db }) =>
      db
        .updateTable('schedules')
        .set({ last_run_id: lastRunId, ...(seenHeads !== null && { seen_heads: JSON.stringify(seenHeads) }) })
        .where('id', '=', id)
        .where('last_run_id', 'is not distinct from', before),
    { expectedRows: 1 },
  )
}

type Row = Omit<Tables['schedules'], 'version' | 'starts_by' | 'watched_tables'> & {
  version: number
  starts_by: ScheduleStart
  watched_tables: string
}

/** The JSON in a row was written by this file, so its shape is known. */
function toSchedule(row: Row): Schedule {
  return {
    id: row.id,
    ...toTask(row),
    ownerId: row.owner_id,
    cron: row.cron,
    timeZone: row.time_zone,
    isEnabled: row.is_enabled === 1,
    nextAtMs: row.next_at_ms,
    lastRunId: row.last_run_id,
    skippedAtMs: row.skipped_at_ms,
    startsBy: row.starts_by,
    watchedTables: JSON.parse(row.watched_tables),
    seenHeads: row.seen_heads === null ? null : JSON.parse(row.seen_heads),
    state: row.state === null ? null : JSON.parse(row.state),
    pausedBecause: row.paused_because,
    version: row.version,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
  }
}
