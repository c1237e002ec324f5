import 'server-only'
import type { Database } from '@/server/db/database'
import { AppError, isTransientDatabaseError } from '@/lib/errors'
import { queueRunChange, readRun } from '@/server/db/jobs/runs'
import { logChanges } from '@/server/db/jobs/run-logs'
import { listSchedules, advanceSchedule, type Schedule } from '@/server/db/jobs/schedules'
import type { LakeServices } from '@/server/catalog/lake-services'
import { nextTime } from './cron-times'
import { Outage } from '@/server/timing/outage'
import { pause } from '@/server/timing/pause'

const POLL_INTERVAL_MS = 1_000

/** If the next time is later than the clock could explain by being set back this far, the schedule is recomputed. */
const MAX_CLOCK_SETBACK_MS = 60 * 60_000

/** Whether every schedule would meet this failure, not only one. */
function isSharedFailure(error: unknown): boolean {
  if (isTransientDatabaseError(error)) return true
  return error instanceof AppError && (error.code === 'storage-full' || error.code === 'commit-state-unknown')
}

/** Queues due runs until the signal is aborted. Any number of workers may do so at once. */
export async function runScheduleLoop(
  services: Pick<LakeServices, 'database' | 'log'>,
  {
    signal,
    pollIntervalMs = POLL_INTERVAL_MS,
  }: {
    signal: AbortSignal
    pollIntervalMs?: number
  },
): Promise<void> {
  const outage = new Outage(services.log, 'checking the schedules')
  while (!signal.aborted) {
    try {
      await queueDueSchedules(services, services.database.nowMs())
      outage.recordSuccess()
      await pause(pollIntervalMs, signal)
    } catch (error) {
      await pause(outage.recordFailure(error), signal)
    }
  }
}

/** Queues the schedules that are due. A schedule that missed several times is queued once. */
export async function queueDueSchedules(
  services: Pick<LakeServices, 'database' | 'log'>,
  nowMs: number,
): Promise<void> {
  for (const schedule of await listSchedules(services.database)) {
    if (!schedule.isEnabled || schedule.nextAtMs === null) continue
    try {
      if (schedule.nextAtMs <= nowMs) await queueSchedule(services.database, schedule, nowMs)
      else await rescheduleAfterClockSetback(services.database, schedule, nowMs)
    } catch (error) {
      if (isSharedFailure(error)) throw error
      // A schedule that cannot be read does not hold up the others.
      services.log.error(error, { doing: 'queueing the run of a schedule', scheduleId: schedule.id })
    }
  }
}

async function queueSchedule(database: Database, schedule: Schedule, nowMs: number): Promise<void> {
  const nextAtMs = nextTime(schedule, nowMs)
  const lastRun = schedule.lastRunId === null ? null : await readRun(database, schedule.lastRunId)
  if (lastRun && lastRun.finishedAtMs === null) {
    const text = 'The schedule was due again, but skipped because this run is still running.'
    const line = { atMs: nowMs, level: 'warning', text } as const
    const alongside = logChanges(lastRun.id, [line], { isFromWorker: true })
    await advanceSchedule(database, schedule, { nextAtMs, skippedAtMs: nowMs }, alongside)
    return
  }
  const { id, change } = queueRunChange(database, { ...schedule, scheduleId: schedule.id })
  const line = { atMs: nowMs, level: 'info', text: `Queued by its schedule, ${schedule.cron}.` } as const
  const alongside = [change, ...logChanges(id, [line], { isFromWorker: true })]
  await advanceSchedule(database, schedule, { nextAtMs, lastRunId: id }, alongside)
}

/**
 * Recomputes a next time that was computed while the clock was far ahead; the schedule would otherwise wait until then.
 * After a small clock correction the schedule is left alone, so that a time that has already passed does not come back.
 */
async function rescheduleAfterClockSetback(database: Database, schedule: Schedule, nowMs: number): Promise<void> {
  const latestNextAtMs = nextTime(schedule, nowMs + MAX_CLOCK_SETBACK_MS)
  if (latestNextAtMs === null || schedule.nextAtMs === null || schedule.nextAtMs <= latestNextAtMs) return
  await advanceSchedule(database, schedule, { nextAtMs: nextTime(schedule, nowMs) })
}
