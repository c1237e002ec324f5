import type { TimeSpan } from '@/lib/client/dashboards'
import { startOfDay } from '@/lib/format/time'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Named ranges: how far back from now, and in which steps. */
export const RANGES = {
  '1h': { label: '1 h', durationMs: HOUR_MS, stepMs: 2 * MINUTE_MS },
  '24h': { label: '24 h', durationMs: DAY_MS, stepMs: HOUR_MS },
  '7d': { label: '7 d', durationMs: 7 * DAY_MS, stepMs: 6 * HOUR_MS },
  '30d': { label: '30 d', durationMs: 30 * DAY_MS, stepMs: DAY_MS },
  '90d': { label: '90 d', durationMs: 90 * DAY_MS, stepMs: 3 * DAY_MS },
} as const
export type RangeName = keyof typeof RANGES
export const RANGE_NAMES = Object.keys(RANGES) as RangeName[]

/** Long enough to show the rhythm of tables that are written daily or weekly, also in a lake that is quiet today. */
export const DEFAULT_RANGE: RangeName = '30d'

export function isRangeName(name: string): name is RangeName {
  return Object.hasOwn(RANGES, name)
}

const STEPS_MS = [
  1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 4320, 10_080, 20_160, 43_200, 129_600, 525_600, 2_628_000,
  5_256_000,
].map((minutes) => minutes * MINUTE_MS)

/** With more steps the bars are too narrow to point at. */
const MAX_STEPS = 60

/**
 * A named range up to the end of the step that contains `nowMs`. Steps begin on whole hours and days of the reader's
 * time zone, so the span stays the same until the next step begins.
 */
export function spanForRange(range: RangeName, nowMs: number, timeZone: string): TimeSpan {
  const { durationMs, stepMs } = RANGES[range]
  const toMs = startOfStep(nowMs, stepMs, timeZone) + stepMs
  return { fromMs: toMs - durationMs, toMs, stepMs }
}

/** Any span, in the shortest round steps of which there are at most `MAX_STEPS`. */
export function spanBetween(fromMs: number, toMs: number, timeZone: string): TimeSpan {
  const durationMs = Math.max(MINUTE_MS, toMs - fromMs)
  const stepMs = STEPS_MS.find((step) => durationMs / step <= MAX_STEPS) ?? Math.ceil(durationMs / MAX_STEPS)
  const start = startOfStep(fromMs, stepMs, timeZone)
  return {
    fromMs: start,
    toMs: start + Math.max(1, Math.ceil((fromMs + durationMs - start) / stepMs)) * stepMs,
    stepMs,
  }
}

/** A time of an address, in milliseconds since 1970; null if it is not one. */
export function parseEpochMs(text: string): number | null {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : null
}

export type SpanQuery = { range: RangeName; from: number | null; to: number | null }

/** Whether `?from=…&to=…` is a span. */
export function isCustomSpan<Query extends Pick<SpanQuery, 'from' | 'to'>>(
  query: Query,
): query is Query & { from: number; to: number } {
  return query.from !== null && query.to !== null && query.to > query.from
}

/** The span that the address of a page chooses: `?from=…&to=…` before `?range=…`. */
export function spanFromQuery(
  query: SpanQuery,
  { nowMs, timeZone }: { nowMs: number; timeZone: string },
): { span: TimeSpan; isCustom: boolean } {
  return isCustomSpan(query)
    ? { span: spanBetween(query.from, query.to, timeZone), isCustom: true }
    : { span: spanForRange(query.range, nowMs, timeZone), isCustom: false }
}

/** The latest start of a step at or before `atMs`, counted from midnight. */
function startOfStep(atMs: number, stepMs: number, timeZone: string): number {
  const midnightMs = startOfDay(atMs, timeZone)
  return stepMs >= DAY_MS ? midnightMs : midnightMs + Math.floor((atMs - midnightMs) / stepMs) * stepMs
}
