import 'server-only'
import type { TableFreshness } from '@/lib/contract/home'
import { MIN_LOADS_TO_JUDGE } from '@/lib/contract/shapes/plain-values'
import { medianOf } from '@/lib/median'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'

/** Commits that are closer together count as one load. */
const MAX_LOAD_GAP_MS = 60_000
/** The number of recent loads that the usual interval is computed from. */
const MAX_LOADS = 30

/** When a table was last committed to, and how often it usually is; null for a table without commits. */
export function toFreshness({ identifier, metadata }: LoadedTable): TableFreshness | null {
  const times = metadata.snapshots.map(({ timestampMs }) => timestampMs).sort((a, b) => a - b)
  const lastCommitMs = times.at(-1)
  return lastCommitMs === undefined
    ? null
    : { table: identifier, lastCommitMs, medianIntervalMs: computeRhythmMs(times) }
}

/**
 * The median time between loads. Null when there are too few: a table that was filled once has no usual interval, and
 * calling it late would be a guess.
 *
 * @param times of commits, ascending
 */
export function computeRhythmMs(times: readonly number[]): number | null {
  const loads = times
    .filter((atMs, index) => index === 0 || atMs - (times[index - 1] ?? 0) > MAX_LOAD_GAP_MS)
    .slice(-MAX_LOADS)
  if (loads.length < MIN_LOADS_TO_JUDGE) return null
  const gaps = loads.slice(1).map((atMs, index) => atMs - (loads[index] ?? 0))
  const median = medianOf(gaps.sort((a, b) => a - b))
  return median === null ? null : Math.round(median)
}

/**
 * Latest tables first, by how many usual intervals ago the last commit was. Tables without a usual interval come last,
 * newest commit first.
 */
export function byLateness(nowMs: number): (a: TableFreshness, b: TableFreshness) => number {
  const lateness = ({ lastCommitMs, medianIntervalMs }: TableFreshness) =>
    medianIntervalMs === null ? -1 : (nowMs - lastCommitMs) / medianIntervalMs
  return (a, b) => lateness(b) - lateness(a) || b.lastCommitMs - a.lastCommitMs
}
