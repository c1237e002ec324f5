import { formatClock, formatDay, formatMonth, formatTimeOfDay } from '@/lib/format/time'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Most labels of a shorter axis would be the same minute. */
const MAX_DURATION_WITH_SECONDS_MS = 6 * MINUTE_MS

type Axis = { stepMs: number; durationMs: number; timeZone: string }

/**
 * A label of the time axis: the month over 400 days, the time for short steps within two days, to the second within
 * minutes, otherwise the day.
 */
export function timeLabel(atMs: number, { stepMs, durationMs, timeZone }: Axis): string {
  if (durationMs > 400 * DAY_MS) return formatMonth(atMs, timeZone)
  if (stepMs < MINUTE_MS && durationMs <= MAX_DURATION_WITH_SECONDS_MS) return formatClock(atMs, timeZone)
  return stepMs < DAY_MS && durationMs <= 2 * DAY_MS ? formatTimeOfDay(atMs, timeZone) : formatDay(atMs, timeZone)
}

/**
 * The steps of an axis that have a label, evenly spaced to the newest, each with another label. Of several steps with
 * the same label, such as the hours of a day, the first has it.
 */
export function labelledSteps(startsMs: readonly number[], axis: Axis, max: number): number[] {
  const labels = startsMs.map((startMs) => timeLabel(startMs, axis))
  const changes = labels.flatMap((label, index) => (index > 0 && label !== labels[index - 1] ? [index] : []))
  const [firstLength = startsMs.length, secondEnd = startsMs.length] = changes
  // The axis may begin in the middle of a day, right before the label of the next.
  const isFirstWhole = firstLength >= secondEnd - firstLength
  const indices = isFirstWhole && startsMs.length > 0 ? [0, ...changes] : changes
  for (let step = Math.max(1, Math.ceil(indices.length / max)); ; step++) {
    const labelled = indices.filter((_, index) => (indices.length - 1 - index) % step === 0)
    // Every twelfth hour of two days would have the same times twice.
    if (new Set(labelled.map((at) => labels[at])).size === labelled.length)
      return labelled.flatMap((at) => startsMs[at] ?? [])
  }
}

/** A step in a tooltip or a row: `19 Nov`, or `19 Nov 06:00` for steps shorter than a day. */
export function stepLabel(startMs: number, stepMs: number, timeZone: string): string {
  const day = formatDay(startMs, timeZone)
  return stepMs < DAY_MS ? `${day} ${formatTimeOfDay(startMs, timeZone)}` : day
}

/** A step by its start and its end: `27 Nov 02:50 – 28 Nov 00:48`, the second day only if it is another one. */
export function spanLabel(startMs: number, stepMs: number, timeZone: string): string {
  const endMs = startMs + stepMs
  const [startDay, endDay] = [formatDay(startMs, timeZone), formatDay(endMs, timeZone)]
  const end = [...(startDay === endDay ? [] : [endDay]), formatTimeOfDay(endMs, timeZone)].join(' ')
  return `${startDay} ${formatTimeOfDay(startMs, timeZone)} – ${end}`
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
