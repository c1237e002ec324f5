import { formatDay, formatMonth, formatTimeOfDay } from '@/lib/format/time'

const DAY_MS = 86_400_000

/** A label of the time axis: the time where steps are shorter than a day, else the day; the month over years. */
export function timeLabel(atMs: number, { stepMs, durationMs }: { stepMs: number; durationMs: number }): string {
  if (durationMs > 400 * DAY_MS) return formatMonth(atMs)
  return stepMs < DAY_MS && durationMs <= 2 * DAY_MS ? formatTimeOfDay(atMs) : formatDay(atMs)
}

/** A step in a tooltip or a row: `15:00`, `19 Nov`, `19 Nov 06:00`. */
export function stepLabel(startMs: number, stepMs: number): string {
  return stepMs < DAY_MS ? `${formatDay(startMs)} ${formatTimeOfDay(startMs)}` : formatDay(startMs)
}

/** Steps that begin another day than the one before, where the axis shows times; none where it shows days. */
export function dayChanges(startsMs: readonly number[], stepMs: number): number[] {
  if (stepMs >= DAY_MS) return []
  const changes = startsMs.filter((startMs, index) => {
    const before = startsMs[index - 1]
    return before !== undefined && formatDay(before) !== formatDay(startMs)
  })
  return changes.length <= 2 ? changes : []
}
