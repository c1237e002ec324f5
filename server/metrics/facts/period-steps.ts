import 'server-only'
import type { IngestionStep } from '@/lib/contract/dashboards'
import { AppError } from '@/lib/errors'
import { startOfDay } from '@/lib/format/time'
import { isTimeZone } from '@/lib/time-zone'
import type { Grain } from '@/server/db/facts/split-range'

/** `[fromMs, toMs)` in steps. Times are whole hours, or whole days in UTC. */
export type Period = { fromMs: number; toMs: number; startsMs: readonly number[] }

const MAX_STEPS = 400
const HOUR_MS = 60 * 60_000
const GRAIN_MS = { hour: HOUR_MS, day: 24 * HOUR_MS } as const

/** Longer than the longest day, and shorter than the shortest two. */
const INTO_NEXT_DAY_MS = 30 * HOUR_MS

/**
 * A period and the start of each of its steps. Days and weeks begin at midnight of the zone. Sums are by hour or by day
 * of UTC, so each bound is moved to the next of these; a period within one of them is all of it.
 *
 * @throws {AppError} invalid-request when the period is empty, has too many steps, or its zone does not exist
 */
export function toPeriod(
  { fromMs, toMs }: { fromMs: number; toMs: number },
  { step, timeZone, grain }: { step: IngestionStep; timeZone: string; grain: Grain },
): Period {
  if (!isTimeZone(timeZone)) throw new AppError('invalid-request', 'The time zone does not exist.')
  const snap = (atMs: number) => Math.ceil(atMs / GRAIN_MS[grain]) * GRAIN_MS[grain]
  const startsMs: number[] = []
  for (let startMs = fromMs; startMs < toMs; startMs = nextStart(startMs, step, timeZone)) {
    const snapped = snap(startMs)
    if (snapped < snap(toMs) && snapped !== startsMs.at(-1)) startsMs.push(snapped)
    if (startsMs.length > MAX_STEPS)
      throw new AppError('invalid-request', `A time range can have at most ${MAX_STEPS} steps. Choose longer steps.`)
  }
  if (fromMs >= toMs) throw new AppError('invalid-request', 'The time range is empty.')
  const endMs = snap(toMs)
  const startMs = Math.min(snap(fromMs), endMs - GRAIN_MS[grain])
  return { fromMs: startMs, toMs: endMs, startsMs: startsMs.length > 0 ? startsMs : [startMs] }
}

function nextStart(startMs: number, step: IngestionStep, timeZone: string): number {
  if (step === 'hour') return startMs + HOUR_MS
  let nextMs = startMs
  for (let day = 0; day < (step === 'week' ? 7 : 1); day += 1)
    nextMs = startOfDay(startOfDay(nextMs, timeZone) + INTO_NEXT_DAY_MS, timeZone)
  return nextMs
}

/** The step that has a time; -1 outside the period. */
export function stepOfPeriod({ fromMs, toMs, startsMs }: Period, atMs: number): number {
  return atMs < fromMs || atMs >= toMs ? -1 : startsMs.findLastIndex((startMs) => startMs <= atMs)
}

/** The longest sums that no two steps share. */
export function grainOfSteps(startsMs: readonly number[]): Grain {
  return startsMs.every((startMs) => startMs % GRAIN_MS.day === 0) ? 'day' : 'hour'
}
