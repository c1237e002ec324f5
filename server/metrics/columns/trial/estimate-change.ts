import 'server-only'

/** A page as it counts for its column: its bytes now and with another codec, times its weight. */
export type WeighedPage = { nowBytes: number; triedBytes: number }

/**
 * By which share the bytes of a column change; 0.1: a tenth more. The true change is within `error` of it with about
 * 95 % probability.
 */
export type EstimatedChange = { change: number; error: number }

/** Fewer pages do not say how much pages differ. */
const MIN_PAGES = 3
const UNKNOWN_ERROR = 0.2

/**
 * Estimates the change from the ratio of the sums, which needs no knowledge of the pages that were not read beyond
 * their bytes now. The error is two standard errors by the jackknife: the spread of the estimates that leave out one
 * page each. A complete sample has none.
 */
export function estimateChange(pages: readonly WeighedPage[], isComplete: boolean): EstimatedChange {
  const nowBytes = pages.reduce((total, page) => total + page.nowBytes, 0)
  const triedBytes = pages.reduce((total, page) => total + page.triedBytes, 0)
  if (nowBytes === 0) return { change: 0, error: isComplete ? 0 : UNKNOWN_ERROR }
  const change = triedBytes / nowBytes - 1
  if (isComplete) return { change, error: 0 }
  if (pages.length < MIN_PAGES) return { change, error: UNKNOWN_ERROR }
  const without = pages.map((page) => (triedBytes - page.triedBytes) / Math.max(1, nowBytes - page.nowBytes) - 1)
  const mean = without.reduce((total, one) => total + one, 0) / without.length
  const squares = without.reduce((total, one) => total + (one - mean) ** 2, 0)
  return { change, error: 2 * Math.sqrt(((pages.length - 1) / pages.length) * squares) }
}
