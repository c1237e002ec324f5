import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { queueStatement, readRun } from '@/server/db/jobs'
import { logStatements } from '@/server/db/run-logs'
import { listSchedules, moveOn, type Schedule } from '@/server/db/schedules'
import { logError } from '@/server/log'
import { nextTime } from './cron-times'
import { Outage } from './outage'
import { pause } from './pause'

const LOOK_EVERY_MS = 1_000

/** How far a clock may be set back before a schedule is taken for one of another time. */
const CLOCK_MAY_GO_BACK_MS = 60 * 60_000

/** Failures that every schedule would meet, not the one alone. */
const OF_THE_DATABASE: readonly ErrorCode[] = ['catalog-unavailable', 'storage-full', 'commit-state-unknown']

/** Queues what is due, until the signal. Any number of workers may do so at once. */
export async function scheduleLoop({
  signal,
  lookEveryMs = LOOK_EVERY_MS,
}: {
  signal: AbortSignal
  lookEveryMs?: number
}): Promise<void> {
  const outage = new Outage('looking at the schedules')
  while (!signal.aborted) {
    try {
      await queueDue(Date.now())
      outage.passed()
      await pause(lookEveryMs, signal)
    } catch (error) {
      await pause(outage.failed(error), signal)
    }
  }
}

/** Queues what is due now, each once however often it was missed. */
export async function queueDue(nowMs: number): Promise<void> {
  for (const schedule of listSchedules()) {
    if (!schedule.isEnabled || schedule.nextAtMs === null) continue
    try {
      if (schedule.nextAtMs <= nowMs) await queueOne(schedule, nowMs)
      else await moveBackWithClock(schedule, nowMs)
    } catch (error) {
      if (error instanceof AppError && OF_THE_DATABASE.includes(error.code)) throw error
      // One that cannot be read does not hold up the others.
      logError(error, { doing: 'queueing what a schedule says', scheduleId: schedule.id })
    }
  }
}

async function queueOne(schedule: Schedule, nowMs: number): Promise<void> {
  const nextAtMs = nextTime(schedule, nowMs)
  const last = schedule.lastRunId === null ? null : readRun(schedule.lastRunId)
  if (last && last.finishedAtMs === null) {
    const text = 'This was due again, and left out since it is still going.'
    const line = { atMs: nowMs, level: 'warning', text } as const
    await moveOn(schedule, { nextAtMs, skippedAtMs: nowMs }, logStatements(last.id, [line], { isOfWorker: true }))
    return
  }
  const { id, statement } = queueStatement({ ...schedule, scheduleId: schedule.id })
  const line = { atMs: nowMs, level: 'info', text: `Queued by its schedule, ${schedule.cron}.` } as const
  const alongside = [statement, ...logStatements(id, [line], { isOfWorker: true })]
  await moveOn(schedule, { nextAtMs, lastRunId: id }, alongside)
}

/**
 * A time that was reckoned when the clock was far ahead would be waited for until then. A clock that is only put right
 * by a little must not bring back a time that has been already, so that one is left alone.
 */
async function moveBackWithClock(schedule: Schedule, nowMs: number): Promise<void> {
  const atLatestMs = nextTime(schedule, nowMs + CLOCK_MAY_GO_BACK_MS)
  if (atLatestMs === null || schedule.nextAtMs === null || schedule.nextAtMs <= atLatestMs) return
  await moveOn(schedule, { nextAtMs: nextTime(schedule, nowMs) })
}
