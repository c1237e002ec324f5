import 'server-only'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import { readRun } from '@/server/db/jobs/runs'
import { type Schedule, scheduleStateChange } from '@/server/db/jobs/schedules'
import { changeSchedule } from '@/server/jobs/change-schedule'
import { scheduleAuditChange } from '@/server/jobs/prepare-run'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import { readRunActor } from '@/server/jobs/run-actor'
import { requireReadableSchedule } from '@/server/jobs/schedule-view'
import type { ScheduledKinds } from '@/server/jobs/scheduled-kind'
import type { TableServices } from '@/server/table/table-services'
import { planAppendedReads } from './plan-appended-reads'
import { parseLastSlot, toRepeatState } from './repeat-state'
import { parseScheduledResult } from './scheduled-result'

type Caller = { actor: Actor; requestId: string | null; signal: AbortSignal }

/**
 * Makes the next run of a saved result read only what is appended from now on, or all rows, and lets it go on if it was
 * paused. Later runs read on from there.
 *
 * @throws {AppError} not-found; forbidden; version-conflict; invalid-request while a run is open, and when it cannot go on
 */
export async function startAgain(
  services: TableServices & { scheduledKinds: ScheduledKinds },
  id: string,
  { version, from }: { version: number; from: 'now' | 'beginning' },
  caller: Caller,
): Promise<Schedule> {
  const { database } = services
  const before = await requireReadableSchedule(database, id, caller.actor)
  if (before.kind !== SAVE_RESULT || before.ownerId === null)
    throw new AppError('invalid-request', 'Only a saved result reads on from its last run.')
  // No run begins while the state is replaced.
  const stopped = await changeSchedule(services, id, { version, isEnabled: false }, caller)
  try {
    await replaceState(services, stopped, from, caller)
  } catch (error) {
    if (before.isEnabled) await changeSchedule(services, id, { isEnabled: true }, caller)
    throw error
  }
  const goesOn = before.isEnabled || before.pausedBecause !== null
  return goesOn ? await changeSchedule(services, id, { isEnabled: true }, caller) : stopped
}

async function replaceState(
  services: TableServices,
  schedule: Schedule,
  from: 'now' | 'beginning',
  { signal, ...caller }: Caller,
): Promise<void> {
  const { database } = services
  const { id, lastRunId } = schedule
  const lastRun = lastRunId === null ? null : await readRun(database, lastRunId)
  // It would replace the state again.
  if (lastRun !== null && lastRun.finishedAtMs === null)
    throw new AppError('invalid-request', 'A run of it is in progress. Wait until it has ended, or cancel it.')
  const { incremental } = parseScheduledResult(schedule.spec)
  const actor = await readRunActor(database, schedule, 'The saved result was not started again.')
  const reads = from === 'beginning' ? null : await planAppendedReads(services, incremental, [], { actor, signal })
  const state = toRepeatState(reads?.positions ?? [], {
    slotAtMs: parseLastSlot(schedule.state),
    settledRunId: lastRun?.error?.code === 'commit-state-unknown' ? lastRun.id : null,
  })
  await database.commit([
    scheduleStateChange(id, state),
    scheduleAuditChange('restart-schedule', { before: schedule, after: schedule }, caller),
  ])
}
