import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

export const MIN_INTERVAL_MS = 60_000
const MAX_INTERVAL_MS = 60 * 60_000
const NEWEST_COMMITS = 11
/** A table without a commit for so many of its usual intervals has become quiet. */
const QUIET_INTERVALS = 10

/**
 * How often a table has to be read whose catalog does not say whether it has changed: the median interval of its ten
 * newest commits, or what its age says, between a minute and an hour.
 */
export function commitIntervalMs(
  { snapshots, lastUpdatedMs }: Pick<TableMetadata, 'snapshots' | 'lastUpdatedMs'>,
  nowMs: number,
): number {
  const times = snapshots
    .map(({ timestampMs }) => timestampMs)
    .sort((a, b) => a - b)
    .slice(-NEWEST_COMMITS)
  const intervals = times.slice(1).map((time, index) => time - (times[index] ?? time))
  const quietMs = nowMs - lastUpdatedMs
  const usualMs = median(intervals) ?? quietMs
  const isQuiet = quietMs > QUIET_INTERVALS * usualMs
  return Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, isQuiet ? quietMs / QUIET_INTERVALS : usualMs))
}

function median(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}
