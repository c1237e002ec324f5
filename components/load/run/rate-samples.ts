import type { Run } from '@/lib/contract/jobs'
import { toLoadCounts } from './load-progress'

/** The rows that a load had read at a time, by the server's clock. */
export type RateSample = { atMs: number; rowsRead: number }

const MAX_SAMPLES = 240
const MIN_COUNTED_SHARE = 0.75

/** Null while the run is not reading: other phases work on rows that were counted before. */
export function toSample(run: Run): RateSample | null {
  const { state, attemptStartedAtMs, durationMs, progress } = run
  if (state !== 'running' || attemptStartedAtMs === null || durationMs === null) return null
  const { rowsRead, rowsReadEstimate } = toLoadCounts(run)
  if (progress === null || (progress.phase !== 'reading' && rowsReadEstimate === null)) return null
  // Rounded figures would have no rate, and then a high one.
  const estimate = progress.counters['rowsReadEstimate'] ?? 0
  return { atMs: attemptStartedAtMs + durationMs, rowsRead: Math.max(rowsRead, estimate) }
}

/** Adds a sample. Of very many every second one stays, so that a load of hours has as many points as one of minutes. */
export function addSample(samples: readonly RateSample[], sample: RateSample): readonly RateSample[] {
  const last = samples.at(-1)
  if (last !== undefined && sample.atMs <= last.atMs) return samples
  if (last !== undefined && sample.rowsRead < last.rowsRead) {
    // Another attempt reads everything again; a count is a little less than the estimate before it.
    return sample.rowsRead < last.rowsRead * MIN_COUNTED_SHARE ? [sample] : samples
  }
  const added = [...samples, sample]
  return added.length > MAX_SAMPLES ? added.filter((_, i) => i % 2 === 0) : added
}

/** The rows per second between two samples, at the later one. */
export function toRates(samples: readonly RateSample[]): { atMs: number; rowsPerSecond: number }[] {
  return samples.slice(1).map(({ atMs, rowsRead }, i) => {
    const before = samples[i] ?? { atMs, rowsRead }
    return { atMs, rowsPerSecond: ((rowsRead - before.rowsRead) * 1000) / Math.max(1, atMs - before.atMs) }
  })
}
