import 'server-only'
import { type Schedule as WireSchedule, SHOWN_NEXT_TIMES } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { type Run, readRun, readRuns } from '@/server/db/jobs/runs'
import { listSchedules, readSchedule, type Schedule } from '@/server/db/jobs/schedules'
import { nextTimes } from './cron-times'
import { canRead, scalarValues, warningsOf } from './run-view'
import type { ScheduledKinds } from './scheduled-kind'

/** Schedules as users may see and change them. */

/** The schedules that the actor may read, by title. */
export async function listReadableSchedules(database: Database, actor: Actor): Promise<Schedule[]> {
  return (await listSchedules(database)).filter((schedule) => canReadSchedule(actor, schedule))
}

/** Readers of its table, and its owner. */
export function canReadSchedule(actor: Actor, schedule: Schedule): boolean {
  return isOwn(actor, schedule) || canRead(actor, { table: schedule.table })
}

function isOwn(actor: Actor, { ownerId }: Pick<Schedule, 'ownerId'>): boolean {
  return ownerId !== null && ownerId === actor.userId
}

/** Whether the actor may change or remove the schedule: its owner and admins. */
export function canChangeSchedule(actor: Actor, schedule: Schedule): boolean {
  return isOwn(actor, schedule) || isPermitted(actor, 'console:admin', {})
}

/** Whether the actor may queue its work now: who may do the work, and admins. */
export function canRunSchedule(kinds: ScheduledKinds, actor: Actor, schedule: Schedule): boolean {
  return isPermitted(actor, 'console:admin', {}) || (schedule.ownerId !== null && hasNeeds(kinds, actor, schedule))
}

/** Whether the actor may become its owner. */
export function canTakeOverSchedule(kinds: ScheduledKinds, actor: Actor, schedule: Schedule): boolean {
  const canBeTakenOver = Object.hasOwn(kinds, schedule.kind) && kinds[schedule.kind]?.canBeTakenOver === true
  return schedule.ownerId !== null && !isOwn(actor, schedule) && canBeTakenOver && hasNeeds(kinds, actor, schedule)
}

function hasNeeds(kinds: ScheduledKinds, actor: Actor, schedule: Schedule): boolean {
  const kind = Object.hasOwn(kinds, schedule.kind) ? kinds[schedule.kind] : undefined
  return kind?.needs(schedule).every(({ permission, resource }) => isPermitted(actor, permission, resource)) === true
}

/** @throws {AppError} not-found, also when the actor may not know that the schedule exists */
export async function requireReadableSchedule(database: Database, id: string, actor: Actor): Promise<Schedule> {
  const schedule = await readSchedule(database, id)
  if (!schedule || !canReadSchedule(actor, schedule)) throw new AppError('not-found', `There is no schedule ${id}.`)
  return schedule
}

type ViewContext = { database: Database; kinds: ScheduledKinds; actor: Actor }

export async function buildWireSchedule(context: ViewContext, schedule: Schedule): Promise<WireSchedule> {
  const { database } = context
  const lastRun = schedule.lastRunId === null ? null : await readRun(database, schedule.lastRunId)
  return toWire(context, schedule, lastRun, database.nowMs())
}

export async function buildWireSchedules(
  context: ViewContext,
  schedules: readonly Schedule[],
): Promise<WireSchedule[]> {
  const { database } = context
  const lastRuns = await readRuns(
    database,
    schedules.flatMap(({ lastRunId }) => lastRunId ?? []),
  )
  const nowMs = database.nowMs()
  return schedules.map((schedule) => toWire(context, schedule, lastRuns.get(schedule.lastRunId ?? '') ?? null, nowMs))
}

function toWire({ kinds, actor }: ViewContext, schedule: Schedule, lastRun: Run | null, nowMs: number): WireSchedule {
  const { id, kind, title, table, ownerId, startsBy, cron, timeZone, watchedTables, isEnabled, pausedBecause } =
    schedule
  return {
    id,
    kind,
    title,
    detail: ownerId === null ? null : describeWork(kinds, schedule),
    readsOn: Object.hasOwn(kinds, kind) && kinds[kind]?.readsOn?.(schedule) === true,
    table: table && { ...table },
    owner: ownerId === null ? null : schedule.actor.username,
    isOwn: isOwn(actor, schedule),
    startsBy,
    cron,
    timeZone,
    watchedTables: watchedTables
      .filter((watched) => isPermitted(actor, 'table:read', watched))
      .map((watched) => ({ ...watched, namespace: [...watched.namespace] })),
    isEnabled,
    pausedBecause,
    nextRunsAtMs: listNextTimes(schedule, nowMs),
    lastRun: lastRun && {
      id: lastRun.id,
      state: lastRun.state,
      outcome: lastRun.outcome && scalarValues(lastRun.outcome),
      warnings: warningsOf(lastRun),
      createdAtMs: lastRun.createdAtMs,
      finishedAtMs: lastRun.finishedAtMs,
    },
    lastSkippedAtMs: schedule.skippedAtMs,
    version: schedule.version,
    createdAtMs: schedule.createdAtMs,
    changedAtMs: schedule.changedAtMs,
    canChange: canChangeSchedule(actor, schedule),
    canRun: canRunSchedule(kinds, actor, schedule),
    canTakeOver: canTakeOverSchedule(kinds, actor, schedule),
  }
}

/** Null for a kind of another version. */
function describeWork(kinds: ScheduledKinds, schedule: Schedule): string | null {
  return Object.hasOwn(kinds, schedule.kind) ? (kinds[schedule.kind]?.describe(schedule) ?? null) : null
}

/** The first is the next one for the worker; it may already be due. */
function listNextTimes(schedule: Schedule, nowMs: number): number[] {
  const { startsBy, nextAtMs } = schedule
  if (startsBy !== 'times' || nextAtMs === null) return []
  return [nextAtMs, ...nextTimes(schedule, SHOWN_NEXT_TIMES - 1, Math.max(nextAtMs, nowMs))]
}
