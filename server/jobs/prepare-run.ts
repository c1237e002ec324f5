import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { entryLabel, namespaceLabel } from '@/lib/names/identifiers'
import { isPermitted } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import type { LakeServices } from '@/server/catalog/lake-services'
import { auditChange } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import { pauseScheduleChange, type Schedule } from '@/server/db/jobs/schedules'
import type { NewTask } from '@/server/db/jobs/task-columns'
import { tryCommit } from '@/server/db/try-commit'
import { findRunActor } from './run-actor'
import type { PreparedRun, ScheduledKind, ScheduledKinds } from './scheduled-kind'
import { readHeads } from './watched-heads'

/** Failures that a later attempt meets again until a user acts. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not-found',
  'forbidden',
  'invalid-request',
  'not-supported',
  'location-refused',
  'read-restricted',
  'format-unsupported',
  'commit-state-unknown',
])

type Prepare = { kinds: ScheduledKinds; nowMs: number; signal: AbortSignal }

/**
 * Builds the task of the next run of a schedule, as its owner may run it now.
 *
 * @returns why the schedule has to pause: its owner may no longer do it, or the work refuses
 * @throws {AppError} for a transient failure
 */
export async function prepareRun(services: LakeServices, schedule: Schedule, prepare: Prepare): Promise<PreparedRun> {
  if (schedule.ownerId === null) return toTask(schedule)
  const { kinds, ...context } = prepare
  const kind = requireScheduledKind(kinds, schedule)
  const { username } = schedule.actor
  const actor = await findRunActor(services.database, schedule)
  if (typeof actor === 'string')
    return { pausedBecause: `Its owner ${username} was ${actor}. Another user can take it over.` }
  for (const { permission, resource } of kind.needs(schedule))
    if (!isPermitted(actor, permission, resource))
      return {
        pausedBecause: `Its owner ${username} no longer has the permission ${permission} on ${namespaceLabel(resource.namespace ?? [])}.${resource.table}.`,
      }
  try {
    return await kind.prepareRun(services, schedule, { ...context, actor })
  } catch (error) {
    return toPause(error)
  }
}

function toTask({ kind, title, spec, actor, table, exclusiveKey = null }: Schedule): NewTask {
  return { kind, title, spec, actor, table, exclusiveKey }
}

/**
 * The heads of the tables that a schedule watches, as its owner reads them.
 *
 * @throws {AppError} for a transient failure
 */
export async function readWatchedHeads(
  services: LakeServices,
  schedule: Schedule,
  signal: AbortSignal,
): Promise<readonly (string | null)[] | { pausedBecause: string }> {
  const actor = await findRunActor(services.database, schedule)
  // The preparation of its next run would say the same.
  if (typeof actor === 'string') return { pausedBecause: `Its owner ${schedule.actor.username} was ${actor}.` }
  try {
    return await readHeads(services, actor, schedule.watchedTables, signal)
  } catch (error) {
    return toPause(error)
  }
}

function toPause(error: unknown): { pausedBecause: string } {
  if (error instanceof AppError && REFUSALS.has(error.code)) return { pausedBecause: error.message }
  throw error
}

/** @throws {AppError} not-supported for a kind of another version */
export function requireScheduledKind(kinds: ScheduledKinds, { kind }: Pick<Schedule, 'kind'>): ScheduledKind {
  const found = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  if (found) return found
  throw new AppError('not-supported', `This version of Lakeshore does not know schedules of the kind ${kind}.`)
}

/** Disables a schedule that cannot go on, unless a user changes it at the same time. */
export async function pauseSchedule(
  { database }: Pick<LakeServices, 'database'>,
  schedule: Schedule,
  pausedBecause: string,
): Promise<void> {
  const after = { ...schedule, isEnabled: false, pausedBecause }
  await tryCommit(database, [
    pauseScheduleChange(schedule, pausedBecause),
    scheduleAuditChange('pause-schedule', { before: schedule, after }, { actor: CONSOLE, requestId: null }),
  ])
}

type AuditedActor = Pick<Parameters<typeof auditChange>[0], 'actor' | 'requestId'>

/** The audit row of a change of a schedule. */
export function scheduleAuditChange(
  action: string,
  { before, after }: { before: Schedule | null; after: Schedule | null },
  { actor, requestId }: AuditedActor,
): Change {
  return auditChange({
    actor,
    action,
    table: (after ?? before)?.table ?? null,
    before: before && { schedule: auditedSchedule(before) },
    after: after && { schedule: auditedSchedule(after) },
    requestId,
  })
}

/** A schedule as the audit stores it. */
export function auditedSchedule({ id, cron, timeZone, isEnabled, ...schedule }: Schedule) {
  const { ownerId, actor, title, startsBy, watchedTables, pausedBecause } = schedule
  return {
    id,
    cron,
    timeZone,
    isEnabled,
    ...(ownerId !== null && {
      title,
      owner: actor.username,
      startsBy,
      ...(watchedTables.length > 0 && { watchedTables: watchedTables.map(entryLabel) }),
    }),
    ...(pausedBecause !== null && { pausedBecause }),
  }
}
