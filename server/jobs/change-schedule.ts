import 'server-only'
import { ulid } from 'ulid'
import type { ScheduleStart } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { LakeServices } from '@/server/catalog/lake-services'
import { UnexpectedChanges } from '@/server/db/database'
import { findStoredResponse, responseChanges } from '@/server/db/idempotency'
import { logChanges } from '@/server/db/jobs/run-logs'
import { type NewRun, queueRunChange, type Run, readRun } from '@/server/db/jobs/runs'
import {
  editScheduleChange,
  giveScheduleChange,
  lastRunChange,
  type NewSchedule,
  readSchedule,
  removeScheduleChange,
  type Schedule,
} from '@/server/db/jobs/schedules'
import type { NewTask } from '@/server/db/jobs/task-columns'
import { commitOrThrow } from '@/server/db/try-commit'
import { toRunActor, runAuditChange } from './change-run'
import { nextTime } from './cron-times'
import { prepareRun, readWatchedHeads, scheduleAuditChange } from './prepare-run'
import { requireReadableRun } from './run-view'
import { canChangeSchedule, canRunSchedule, canTakeOverSchedule, requireReadableSchedule } from './schedule-view'
import type { ScheduledKinds } from './scheduled-kind'
import { readHeads, requireWatchable } from './watched-heads'

type Caller = { actor: Actor; requestId: string | null; signal: AbortSignal }
type ScheduleServices = LakeServices & { scheduledKinds: ScheduledKinds }

/** How the runs of a schedule are started, as a user asks for it. */
export type RequestedStart = {
  startsBy?: ScheduleStart | undefined
  cron?: string | undefined
  timeZone?: string | undefined
  watchedTables?: readonly TableIdentifier[] | undefined
}

type Start = Pick<Schedule, 'startsBy' | 'watchedTables' | 'cron' | 'timeZone'>

const BY_HAND: Start = { startsBy: 'hand', watchedTables: [], cron: '', timeZone: '' }

/** Whether a user may have any number of schedules. */
function hasNoLimit(actor: Actor): boolean {
  return isPermitted(actor, 'console:admin', {})
}

/**
 * A schedule of the actor for work that they save.
 *
 * @returns the row to create, for the transaction of the request
 * @throws {AppError} invalid-request for times that are invalid or never come; forbidden for a table that the actor may
 *   not read
 */
export async function planSchedule(
  services: LakeServices,
  { task, ...requested }: RequestedStart & { task: Omit<NewTask, 'actor'> },
  { actor, signal }: Pick<Caller, 'actor' | 'signal'>,
): Promise<{ schedule: NewSchedule; hasNoLimit: boolean }> {
  const start = toStart(BY_HAND, requested, task.table)
  if (start.startsBy === 'tables') await readHeads(services, actor, start.watchedTables, signal)
  const nowMs = services.database.nowMs()
  return {
    schedule: {
      id: ulid(nowMs),
      ...task,
      actor: toRunActor(actor),
      ownerId: actor.userId,
      ...start,
      isEnabled: true,
      nextAtMs: nextStart(start, nowMs),
    },
    hasNoLimit: hasNoLimit(actor),
  }
}

/** A new schedule as it is stored, before its first run. */
export function toStoredSchedule(schedule: NewSchedule): Schedule {
  return {
    ...schedule,
    lastRunId: null,
    skippedAtMs: null,
    seenHeads: null,
    state: null,
    pausedBecause: null,
    version: 1,
    createdAtMs: null,
    changedAtMs: null,
  }
}

function toStart(before: Start, requested: RequestedStart, target: TableIdentifier | null): Start {
  const { cron = before.cron, timeZone = before.timeZone, watchedTables = before.watchedTables } = requested
  const startsBy =
    requested.startsBy ?? (requested.cron === undefined || before.startsBy === 'times' ? before.startsBy : 'times')
  if (startsBy === 'tables') requireWatchable(watchedTables, target)
  return {
    startsBy,
    watchedTables: startsBy === 'tables' ? watchedTables : [],
    cron,
    timeZone: timeZone === '' && cron !== '' ? 'UTC' : timeZone,
  }
}

/** @throws {AppError} invalid-request when the times are invalid or never come */
function nextStart(start: Start, nowMs: number): number | null {
  if (start.startsBy === 'hand') return null
  // The tables are read at once, so that the next change is seen.
  if (start.startsBy === 'tables') return nowMs
  const next = nextTime(start, nowMs)
  if (next === null)
    throw new AppError('invalid-request', `"${start.cron}" never matches a date.`, { facts: { cron: start.cron } })
  return next
}

type ScheduleChange = RequestedStart & {
  version?: number | undefined
  name?: string | undefined
  isEnabled?: boolean | undefined
}

/**
 * Enables or disables a schedule, or changes its name or what starts it.
 *
 * @throws {AppError} not-found; forbidden; version-conflict; invalid-request when the times are invalid or never come,
 *   and for a schedule that cannot go on, with the reason
 */
export async function changeSchedule(
  services: ScheduleServices,
  id: string,
  { version, name, isEnabled, ...requested }: ScheduleChange,
  caller: Caller,
): Promise<Schedule> {
  const { database } = services
  const before = await requireChangeable(services, id, caller.actor)
  if (version !== undefined && version !== before.version) throw versionConflictError(before)
  const start = toStart(before, requested, before.table)
  const edit = { title: name ?? before.title, ...start, isEnabled: isEnabled ?? before.isEnabled }
  const nowMs = database.nowMs()
  const next = nextStart(start, nowMs)
  const after: Schedule = {
    ...before,
    ...edit,
    nextAtMs: edit.isEnabled ? next : null,
    pausedBecause: null,
    // A user who changes it has seen what happened before.
    changedAtMs: nowMs,
  }
  if (edit.isEnabled && !before.isEnabled) await requireStartable(services, after, nowMs, caller.signal)
  else if (edit.isEnabled && start.startsBy === 'tables') await requireHeads(services, after, caller.signal)
  await commitOrThrow(
    database,
    [editScheduleChange(before, after), scheduleAuditChange('set-schedule', { before, after }, caller)],
    () => versionConflictError(before),
  )
  return requireSchedule(services, id)
}

/**
 * Makes the caller the owner, for whom later runs act. A paused schedule goes on.
 *
 * @throws {AppError} not-found; forbidden; version-conflict; invalid-request when the caller has too many schedules, or
 *   the schedule cannot go on
 */
export async function takeOverSchedule(
  services: ScheduleServices,
  id: string,
  { version }: { version: number },
  caller: Caller,
): Promise<Schedule> {
  const { database, scheduledKinds } = services
  const { actor, signal } = caller
  const before = await requireReadableSchedule(database, id, actor)
  if (!canTakeOverSchedule(scheduledKinds, actor, before))
    throw new AppError('forbidden', 'You may not take over this schedule.')
  if (version !== before.version) throw versionConflictError(before)
  const nowMs = database.nowMs()
  const isEnabled = before.isEnabled || before.pausedBecause !== null
  const after: Schedule = {
    ...before,
    actor: toRunActor(actor),
    ownerId: actor.userId,
    isEnabled,
    nextAtMs: isEnabled ? (before.nextAtMs ?? nextStart(before, nowMs)) : null,
    pausedBecause: null,
    changedAtMs: nowMs,
  }
  if (isEnabled) await requireStartable(services, after, nowMs, signal)
  await commitOrThrow(
    database,
    [
      giveScheduleChange(before, after, { hasNoLimit: hasNoLimit(actor) }),
      scheduleAuditChange('take-over-schedule', { before, after }, caller),
    ],
    async () => {
      const now = await requireSchedule(services, id)
      if (now.version !== before.version) return versionConflictError(before)
      return new AppError('invalid-request', 'You have as many schedules as a user may have. Remove one of them first.')
    },
  )
  return requireSchedule(services, id)
}

/** @throws {AppError} not-found; forbidden, also for a schedule of the console itself */
export async function removeSchedule(services: ScheduleServices, id: string, caller: Caller): Promise<void> {
  const { database, scheduledKinds } = services
  const before = await requireChangeable(services, id, caller.actor)
  if (before.ownerId === null)
    throw new AppError('forbidden', 'A schedule of Lakeshore itself cannot be removed. Switch it off instead.')
  // It may have stored many rows: without it no further run begins while they are removed.
  const stopped = before.isEnabled ? await changeSchedule(services, id, { isEnabled: false }, caller) : before
  const kind = Object.hasOwn(scheduledKinds, before.kind) ? scheduledKinds[before.kind] : undefined
  await kind?.removeStored?.(services, id)
  await commitOrThrow(
    database,
    [removeScheduleChange(stopped), scheduleAuditChange('remove-schedule', { before, after: null }, caller)],
    () => versionConflictError(before),
  )
}

/**
 * Queues the task of a schedule now: for its owner, or in the caller's name for a schedule of the console. If its last
 * run is still running, returns that run.
 *
 * @throws {AppError} not-found; forbidden; invalid-request for a schedule that cannot go on
 */
export async function runScheduleNow(
  services: ScheduleServices,
  id: string,
  caller: Caller & { idempotencyKey?: string | undefined },
): Promise<Run> {
  const { database, scheduledKinds } = services
  const { actor, idempotencyKey, signal } = caller
  const schedule = await requireReadableSchedule(database, id, actor)
  if (!canRunSchedule(scheduledKinds, actor, schedule))
    throw new AppError('forbidden', 'You may not run this schedule.')
  const key =
    idempotencyKey === undefined
      ? null
      : { actorId: actor.userId, key: idempotencyKey, operation: `run-schedule ${id}` }
  const earlier = key && (await findStoredResponse(database, key))
  if (earlier !== null) return requireReadableRun(database, earlier, actor)
  const lastRun = schedule.lastRunId === null ? null : await readRun(database, schedule.lastRunId)
  if (lastRun && lastRun.finishedAtMs === null) return lastRun
  if (schedule.pausedBecause !== null)
    throw new AppError('invalid-request', `It is paused: ${schedule.pausedBecause} Resume it first.`)
  const { task, heads } = await requireStartable(services, schedule, database.nowMs(), signal)
  const runActor = schedule.ownerId === null ? toRunActor(actor) : task.actor
  const queued = queueRunChange(database, { ...task, actor: runActor, scheduleId: id })
  const line = { atMs: database.nowMs(), level: 'info', text: `${actor.username} started it manually.` } as const
  try {
    await database.commit([
      queued.change,
      lastRunChange(id, queued.id, schedule.lastRunId, heads),
      ...logChanges(queued.id, [line], { isFromWorker: true }),
      runAuditChange('run-schedule', { ...schedule, id: queued.id }, caller),
      ...(key ? responseChanges(key, queued.id) : []),
    ])
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    // Another user or the schedule itself queued a run after the schedule was read.
    const otherRunId = (await requireSchedule(services, id)).lastRunId
    if (otherRunId === null || otherRunId === schedule.lastRunId) throw error
    return requireReadableRun(database, otherRunId, actor)
  }
  return requireReadableRun(database, queued.id, actor)
}

/**
 * The task of the next run, and the heads that it sees if the schedule watches tables.
 *
 * @throws {AppError} invalid-request with the reason why it would pause at once
 */
async function requireStartable(
  services: ScheduleServices,
  schedule: Schedule,
  nowMs: number,
  signal: AbortSignal,
): Promise<{ task: NewRun; heads: Schedule['seenHeads'] }> {
  const heads = schedule.startsBy === 'tables' ? await requireHeads(services, schedule, signal) : null
  const { scheduledKinds: kinds } = services
  const prepared = await prepareRun(services, schedule, { kinds, nowMs, signal })
  if ('pausedBecause' in prepared) throw new AppError('invalid-request', prepared.pausedBecause)
  return { task: prepared, heads }
}

async function requireHeads(
  services: ScheduleServices,
  schedule: Schedule,
  signal: AbortSignal,
): Promise<readonly (string | null)[]> {
  const heads = await readWatchedHeads(services, schedule, signal)
  if ('pausedBecause' in heads) throw new AppError('invalid-request', heads.pausedBecause)
  return heads
}

/** @throws {AppError} not-found; forbidden */
async function requireChangeable({ database }: ScheduleServices, id: string, actor: Actor): Promise<Schedule> {
  const schedule = await requireReadableSchedule(database, id, actor)
  if (canChangeSchedule(actor, schedule)) return schedule
  throw new AppError('forbidden', 'Only its owner and admins change a schedule.')
}

async function requireSchedule({ database }: Pick<LakeServices, 'database'>, id: string): Promise<Schedule> {
  const schedule = await readSchedule(database, id)
  if (!schedule) throw new AppError('not-found', `There is no schedule ${id}.`)
  return schedule
}

function versionConflictError({ title }: Pick<Schedule, 'title'>): AppError {
  return new AppError(
    'version-conflict',
    `${title} was changed or removed since you opened it, by another user or in another tab. Nothing was changed.`,
  )
}
