import 'server-only'
import type { Database } from '@/server/db/database'
import { AppError, isDatabaseFailure } from '@/lib/errors'
import { queueRunChange, readRun } from '@/server/db/jobs'
import { logChanges } from '@/server/db/run-logs'
import { listSchedules, moveOn, type Schedule } from '@/server/db/schedules'
import type { Services } from '@/server/services'
import { nextTime } from './cron-times'
import { Outage } from './outage'
import { pause } from './pause'

const LOOK_EVERY_MS = 1_000

/** How far a clock may be set back before a schedule is taken for one of another time. */
const CLOCK_MAY_GO_BACK_MS = 60 * 60_000

/** Failures that every schedule would meet, not the one alone. */
function isOfEverySchedule(error: unknown): boolean {
  if (isDatabaseFailure(error)) return true
  return error instanceof AppError && (error.code === 'storage-full' || error.code === 'commit-state-unknown')
}

/** Queues what is due, until the signal. Any number of workers may do so at once. */
export async function scheduleLoop(
  services: Pick<Services, 'database' | 'log'>,
  {
    signal,
    lookEveryMs = LOOK_EVERY_MS,
  }: {
    signal: AbortSignal
    lookEveryMs?: number
  },
): Promise<void> {
  const outage = new Outage(services.log, 'looking at the schedules')
  while (!signal.aborted) {
    try {
      await queueDue(services, services.database.nowMs())
      outage.passed()
      await pause(lookEveryMs, signal)
    } catch (error) {
      await pause(outage.failed(error), signal)
    }
  }
}

/** Queues what is due now, each once however often it was missed. */
export async function queueDue(services: Pick<Services, 'database' | 'log'>, nowMs: number): Promise<void> {
  for (const schedule of await listSchedules(services.database)) {
    if (!schedule.isEnabled || schedule.nextAtMs === null) continue
    try {
      if (schedule.nextAtMs <= nowMs) await queueOne(services.database, schedule, nowMs)
      else await moveBackWithClock(services.database, schedule, nowMs)
    } catch (error) {
      if (isOfEverySchedule(error)) throw error
      // One that cannot be read does not hold up the others.
      services.log.error(error, { doing: 'queueing what a schedule says', scheduleId: schedule.id })
    }
  }
}

async function queueOne(database: Database, schedule: Schedule, nowMs: number): Promise<void> {
  const nextAtMs = nextTime(schedule, nowMs)
  const last = schedule.lastRunId === null ? null : await readRun(database, schedule.lastRunId)
  if (last && last.finishedAtMs === null) {
    const text = 'This was due again, and left out since it is still going.'
    const line = { atMs: nowMs, level: 'warning', text } as const
    const alongside = logChanges(last.id, [line], { isOfWorker: true })
    await moveOn(database, schedule, { nextAtMs, skippedAtMs: nowMs }, alongside)
    return
  }
  const { id, change } = queueRunChange(database, { ...schedule, scheduleId: schedule.id })
  const line = { atMs: nowMs, level: 'info', text: `Queued by its schedule, ${schedule.cron}.` } as const
  const alongside = [change, ...logChanges(id, [line], { isOfWorker: true })]
  await moveOn(database, schedule, { nextAtMs, lastRunId: id }, alongside)
}

/**
 * A schedule whose next time was computed while the clock was far ahead would wait until then. A clock that is only put
 * right by a little must not bring back a time that has been already, so that such a schedule is left alone.
 */
async function moveBackWithClock(database: Database, schedule: Schedule, nowMs: number): Promise<void> {
  const atLatestMs = nextTime(schedule, nowMs + CLOCK_MAY_GO_BACK_MS)
  if (atLatestMs === null || schedule.nextAtMs === null || schedule.nextAtMs <= atLatestMs) return
  await moveOn(database, schedule, { nextAtMs: nextTime(schedule, nowMs) })
}
