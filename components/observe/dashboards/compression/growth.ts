import type { Compression } from '@/lib/contract/dashboards'

/** Sizes at a later time, if they go on as in the days before. */
export type Growth = { toMs: number; dayCount: number; plainBytes: number; encodedBytes: number; storedBytes: number }

/** Fewer days say little about the next ones. */
const MIN_DAYS = 14
const DAY_MS = 24 * 60 * 60_000

/**
 * The sizes of now, continued at the rate of the days of the period on which they were known.
 *
 * @param toMs the end of the range; null, or in the past: there is nothing ahead
 * @returns null if there is nothing ahead, or if fewer than 14 days are known
 */
export function growthOf(levels: Compression['levels'], toMs: number | null): Growth | null {
  const last = levels.at(-1)
  const known = levels.flatMap(({ atMs, plainBytes, encodedBytes, storedBytes }) =>
    plainBytes === null || encodedBytes === null || plainBytes === 0
      ? []
      : [{ atMs, plainBytes, encodedBytes, storedBytes }],
  )
  const [first, end] = [known[0], known.at(-1)]
  if (toMs === null || first === undefined || end === undefined || end.atMs !== last?.atMs || toMs <= end.atMs)
    return null
  const dayCount = Math.floor((end.atMs - first.atMs) / DAY_MS)
  if (dayCount < MIN_DAYS) return null
  const times = known.map(({ atMs }) => atMs - first.atMs)
  const continued = (size: 'plainBytes' | 'encodedBytes' | 'storedBytes') => {
    const perMs = slopeOf(
      times,
      known.map((level) => level[size]),
    )
    return Math.max(0, end[size] + perMs * (toMs - end.atMs))
  }
  return {
    toMs,
    dayCount,
    plainBytes: continued('plainBytes'),
    encodedBytes: continued('encodedBytes'),
    storedBytes: continued('storedBytes'),
  }
}

/** The slope of the line with the least squares. */
function slopeOf(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length
  const [meanX, meanY] = [mean(xs), mean(ys)]
  let covariance = 0
  let variance = 0
  xs.forEach((x, index) => {
    covariance += (x - meanX) * ((ys[index] ?? 0) - meanY)
    variance += (x - meanX) ** 2
  })
  return covariance / variance
}
