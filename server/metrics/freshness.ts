import 'server-only'
import type { TableFreshness } from '@/lib/contract/home'
import type { LoadedTable } from '@/server/catalog/catalog-client'

/** Commits closer together than this are one load that came in pieces. */
const MAX_LOAD_GAP_MS = 60_000
/** Loads a rhythm is taken from, and the fewest that make one. */
const MAX_LOADS = 30
const MIN_LOADS = 4

/** When a table was last committed to, and how often it usually is; null for a table nothing was committed to. */
export function toFreshness({ identifier, metadata }: LoadedTable): TableFreshness | null {
  const times = metadata.snapshots.map(({ timestampMs }) => timestampMs).sort((a, b) => a - b)
  const lastCommitMs = times.at(-1)
  return lastCommitMs === undefined ? null : { place: identifier, lastCommitMs, rhythmMs: computeRhythmMs(times) }
}

/**
 * The median time between loads. Null where too few are known: a table that was filled once has no rhythm, and calling
 * it late would be a guess.
 *
 * @param times of commits, ascending
 */
export function computeRhythmMs(times: readonly number[]): number | null {
  const loads = times
    .filter((atMs, index) => index === 0 || atMs - (times[index - 1] ?? 0) > MAX_LOAD_GAP_MS)
    .slice(-MAX_LOADS)
  if (loads.length < MIN_LOADS) return null
  const gaps = loads.slice(1).map((atMs, index) => atMs - (loads[index] ?? 0))
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? null
}

/** The most late first: how many rhythms the last commit lies back; tables without a rhythm last, newest commit first. */
export function byLateness(nowMs: number): (a: TableFreshness, b: TableFreshness) => number {
  const lateness = ({ lastCommitMs, rhythmMs }: TableFreshness) =>
    rhythmMs === null ? -1 : (nowMs - lastCommitMs) / rhythmMs
  return (a, b) => lateness(b) - lateness(a) || b.lastCommitMs - a.lastCommitMs
}
