import 'server-only'
import { Cron } from 'croner'
import { AppError } from '@/lib/errors'

export type CronTimes = { cron: string; timeZone: string }

/**
 * The next times of a cron expression, soonest first; fewer than `count` when the expression ends.
 *
 * @param count how many
 * @param afterMs only later ones
 * @throws {AppError} invalid-request for an invalid expression or an unknown time zone
 */
export function nextTimes({ cron, timeZone }: CronTimes, count: number, afterMs: number): number[] {
  return parseCron({ cron, timeZone })
    .nextRuns(count, new Date(afterMs))
    .map((time) => time.getTime())
}

/** The next time, or null. */
export function nextTime(times: CronTimes, afterMs: number): number | null {
  return nextTimes(times, 1, afterMs)[0] ?? null
}

/** Minutes are the finest unit: an expression with seconds is refused. */
function parseCron({ cron, timeZone }: CronTimes): Cron {
  if (!isTimeZone(timeZone)) {
    throw new AppError('invalid-request', `There is no time zone "${timeZone}".`, { facts: { timeZone } })
  }
  try {
    // Paused: it only computes times and starts nothing by itself.
    return new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true })
  } catch (cause) {
    const detail = `"${cron}" is not a cron expression such as "30 3 * * *" (minute, hour, day, month, day of the week).`
    throw new AppError('invalid-request', detail, { cause, facts: { cron } })
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false // Intl throws RangeError for an unknown time zone.
  }
}
