import 'server-only'
import { AppError } from '@/lib/errors'
import { MAX_COMPRESSION_DAYS } from '@/lib/contract/dashboards'
import { DAY_MS } from '@/server/db/facts/sum-tables'

/** Days of UTC, counted since 1970-01-01: `[fromDay, endDay)`. `isNow`: the last day is not over. */
export type DaySpan = { fromDay: number; endDay: number; isNow: boolean }

/**
 * The nearest days: midnight of another zone is some hours before or after that of UTC.
 *
 * @throws {AppError} invalid-request when the period is empty or too long
 */
export function toDaySpan({ fromMs, toMs }: { fromMs: number; toMs: number }, nowMs: number): DaySpan {
  const today = Math.floor(nowMs / DAY_MS)
  const fromDay = Math.min(Math.round(fromMs / DAY_MS), today)
  const isNow = toMs >= nowMs || Math.round(toMs / DAY_MS) > today
  const endDay = isNow ? today + 1 : Math.max(fromDay + 1, Math.round(toMs / DAY_MS))
  if (fromMs >= toMs) throw new AppError('invalid-request', 'The time range is empty.')
  if (endDay - fromDay > MAX_COMPRESSION_DAYS)
    throw new AppError('invalid-request', `A time range can have at most ${MAX_COMPRESSION_DAYS} days.`)
  return { fromDay, endDay, isNow }
}

/** The beginning of each day, and the end of the last, or now. */
export function levelTimes({ fromDay, endDay, isNow }: DaySpan, nowMs: number): number[] {
  const starts = Array.from({ length: endDay - fromDay }, (_, index) => (fromDay + index) * DAY_MS)
  return [...starts, isNow ? nowMs : endDay * DAY_MS]
}

/**
 * The levels at these times: those of now less what changed later.
 *
 * @param changes of all days from `fromDay` on, in any order
 */
export function levelsOf<Level>(
  current: Level,
  changes: readonly { day: number; change: Level }[],
  { fromDay, endDay, isNow }: DaySpan,
  add: (a: Level, b: Level, sign: 1 | -1) => Level,
): Level[] {
  const levels: Level[] = []
  let level = current
  // Clocks of writers may be ahead of the last day.
  let later = changes.toSorted((a, b) => b.day - a.day)
  for (let day = endDay; day >= fromDay; day -= 1) {
    if (day === endDay && isNow) {
      levels.push(level)
      continue
    }
    const count = later.findIndex((one) => one.day < day)
    const taken = count < 0 ? later : later.slice(0, count)
    for (const { change } of taken) level = add(level, change, -1)
    later = later.slice(taken.length)
    levels.push(level)
  }
  return levels.reverse()
}
