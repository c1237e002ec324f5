import { formatDay, formatMonth, formatTimeOfDay } from '@/lib/format/time'

const DAY_MS = 86_400_000

type Axis = { stepMs: number; durationMs: number; timeZone: string }

/** A label of the time axis: the month over 400 days, the time for short steps within two days, otherwise the day. */
export function timeLabel(atMs: number, { stepMs, durationMs, timeZone }: Axis): string {
  if (durationMs > 400 * DAY_MS) return formatMonth(atMs, timeZone)
  return stepMs < DAY_MS && durationMs <= 2 * DAY_MS ? formatTimeOfDay(atMs, timeZone) : formatDay(atMs, timeZone)
}

/** A step in a tooltip or a row: `19 Nov`, or `19 Nov 06:00` for steps shorter than a day. */
export function stepLabel(startMs: number, stepMs: number, timeZone: string): string {
  const day = formatDay(startMs, timeZone)
  return stepMs < DAY_MS ? `${day} ${formatTimeOfDay(startMs, timeZone)}` : day
}

/** Steps that begin a new day on an axis of times. Empty on an axis of days, and when there are more than two. */
export function dayChanges(startsMs: readonly number[], stepMs: number, timeZone: string): number[] {
  if (stepMs >= DAY_MS) return []
  const changes = startsMs.filter((startMs, index) => {
    const before = startsMs[index - 1]
    return before !== undefined && formatDay(before, timeZone) !== formatDay(startMs, timeZone)
  })
  return changes.length <= 2 ? changes : []
}
