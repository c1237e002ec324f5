import { medianOf } from '../median'

/** How often a table is committed to, as far as its history has come. */
export type Rhythm = {
  /** The newest commit to `main`, also one that was taken back; null: there was none. */
  lastCommitMs: number | null
  /** When its newest loads began, the oldest first. */
  loadsMs: readonly number[]
}

export const NO_RHYTHM: Rhythm = { lastCommitMs: null, loadsMs: [] }

/** Commits that are closer together count as one load. */
const MAX_LOAD_GAP_MS = 60_000
/** The number of newest loads that the usual interval is computed from. */
const MAX_LOADS = 30
/** A table that was filled once has no usual interval, and calling it late would be a guess. */
export const MIN_LOADS_TO_JUDGE = 4

/** @param atMs of a commit, which is not before the ones that are known */
export function addCommitTime({ lastCommitMs, loadsMs }: Rhythm, atMs: number): Rhythm {
  const isLoad = lastCommitMs === null || atMs - lastCommitMs > MAX_LOAD_GAP_MS
  return { lastCommitMs: atMs, loadsMs: isLoad ? [...loadsMs, atMs].slice(-MAX_LOADS) : loadsMs }
}

/** The median time between loads; null when there are too few. */
export function usualIntervalMs({ loadsMs }: Rhythm): number | null {
  if (loadsMs.length < MIN_LOADS_TO_JUDGE) return null
  const gaps = loadsMs.slice(1).map((atMs, index) => atMs - (loadsMs[index] ?? 0))
  const median = medianOf(gaps.sort((a, b) => a - b))
  return median === null ? null : Math.round(median)
}
