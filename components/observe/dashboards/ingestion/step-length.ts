import type { IngestionStep } from '@/lib/contract/dashboards'

const HOUR_MS = 60 * 60_000

/** The usual length of a step: a day in which clocks change is an hour longer or shorter. */
export const STEP_MS: Readonly<Record<IngestionStep, number>> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
}
