import 'server-only'
import { Cron } from 'croner'
import { AppError } from '@/lib/errors'

export type CronTimes = { cron: string; timeZone: string }

/**
 * The next times of a cron expression, soonest first; fewer than asked for where it comes to an end.
 *
 * @param count how many
 * @param afterMs only later ones
 * @throws {AppError} invalid-request naming what cannot be read
 */
export function nextTimes({ cron, timeZone }: CronTimes, count: number, afterMs: number): number[] {
  return parseCron({ cron, timeZone })
    .nextRuns(count, new Date(afterMs))
    .map((time) => time.getTime())
}

/** The next time, or null where there is none. */
export function nextTime(times: CronTimes, afterMs: number): number | null {
  return nextTimes(times, 1, afterMs)[0] ?? null
}

/** Minutes are the finest: what is asked for more often than that is no schedule. */
function parseCron({ cron, timeZone }: CronTimes): Cron {
  if (!isTimeZone(timeZone)) {
    throw new AppError('invalid-request', `There is no time zone "${timeZone}".`, { facts: { timeZone } })
  }
  try {
    // Paused: it is asked for its times and starts nothing by itself.
    return new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true })
  } catch (cause) {
    const detail = `"${cron}" is no cron expression such as "30 3 * * *" (minute, hour, day, month, day of the week).`
    throw new AppError('invalid-request', detail, { cause, facts: { cron } })
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false // RangeError is how Intl says no
  }
}
