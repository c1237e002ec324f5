/** Clocks of writers may be ahead by so much. A commit that is later still stands at the time when it was first read. */
const MAX_CLOCK_LEAD_MS = 5 * 60_000

export function isPossibleTime(statedAtMs: number, nowMs: number): boolean {
  return statedAtMs <= nowMs + MAX_CLOCK_LEAD_MS
}

/**
 * For each of several times in a row, the next one that can be, or now. One impossible time must not put all later ones
 * to now.
 */
export function toLatestTimes(statedTimes: readonly number[], nowMs: number): number[] {
  let latestMs = nowMs
  return statedTimes
    .toReversed()
    .map((statedAtMs) => {
      if (isPossibleTime(statedAtMs, nowMs)) latestMs = Math.min(statedAtMs, nowMs)
      return latestMs
    })
    .toReversed()
}
