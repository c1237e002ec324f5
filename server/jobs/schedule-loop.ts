import 'server-only'
import type { Database } from '@/server/db/database'
import { AppError, isTransientDatabaseError } from '@/lib/errors'
import { queueRunChange, readRun } from '@/server/db/jobs/runs'
import { logChanges } from '@/server/db/jobs/run-logs'
import { listSchedules, advanceSchedule, type Schedule } from '@/server/db/jobs/schedules'
import type { Services } from '@/server/services'
import { nextTime } from './cron-times'
import { Outage } from './outage'
import { pause } from './pause'

const POLL_INTERVAL_MS = 1_000

/** How far a clock may be set back before a schedule is taken for one of another time. */
const MAX_CLOCK_SETBACK_MS = 60 * 60_000

/** Failures that every schedule would meet, not the one alone. */
function isSharedFailure(error: unknown): boolean {
  if (isTransientDatabaseError(error)) return true
  return error instanceof AppError && (error.code === 'storage-full' || error.code === 'commit-state-unknown')
}

/** Queues what is due, until the signal. Any number of workers may do so at once. */
export async function runScheduleLoop(
  services: Pick<Services, 'database' | 'log'>,
  {
    signal,
    pollIntervalMs = POLL_INTERVAL_MS,
  }: {
    signal: AbortSignal
    pollIntervalMs?: number
  },
): Promise<void> {
  const outage = new Outage(services.log, 'looking at the schedules')
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

/** Queues what is due now, each once however often it was missed. */
export async function queueDueSchedules(services: Pick<Services, 'database' | 'log'>, nowMs: number): Promise<void> {
  for (const schedule of await listSchedules(services.database)) {
    if (!schedule.isEnabled || schedule.nextAtMs === null) continue
    try {
      if (schedule.nextAtMs <= nowMs) await queueSchedule(services.database, schedule, nowMs)
      else await rescheduleAfterClockSetback(services.database, schedule, nowMs)
    } catch (error) {
      if (isSharedFailure(error)) throw error
      // One that cannot be read does not hold up the others.
      services.log.error(error, { doing: 'queueing what a schedule says', scheduleId: schedule.id })
    }
  }
}

async function queueSchedule(database: Database, schedule: Schedule, nowMs: number): Promise<void> {
  const nextAtMs = nextTime(schedule, nowMs)
  const lastRun = schedule.lastRunId === null ? null : await readRun(database, schedule.lastRunId)
  if (lastRun && lastRun.finishedAtMs === null) {
    const text = 'This was due again, and left out since it is still going.'
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
 * A schedule whose next time was computed while the clock was far ahead would wait until then. A clock that is only put
 * right by a little must not bring back a time that has been already, so that such a schedule is left alone.
 */
async function rescheduleAfterClockSetback(database: Database, schedule: Schedule, nowMs: number): Promise<void> {
  const latestNextAtMs = nextTime(schedule, nowMs + MAX_CLOCK_SETBACK_MS)
  if (latestNextAtMs === null || schedule.nextAtMs === null || schedule.nextAtMs <= latestNextAtMs) return
  await advanceSchedule(database, schedule, { nextAtMs: nextTime(schedule, nowMs) })
}
