/** The chance that any stated interval is wrong, of all intervals of a layout together. */
export const MAX_ERROR_CHANCE = 0.01

/** A share in independent blocks of rows: its sum over the blocks, and the sum of its squares. */
export type SeenShare = { sum: number; sumOfSquares: number }

/**
 * How far the mean over the blocks may be from the true share: the empirical Bernstein bound of Maurer and Pontil
 * (*Empirical Bernstein Bounds and Sample Variance Penalization*, 2009, theorem 4), on both sides. It makes no
 * assumption about how values are spread over files, only that blocks were drawn independently.
 *
 * @param shareCount how many shares are judged together
 */
export function shareError({ sum, sumOfSquares }: SeenShare, blockCount: number, shareCount: number): number {
  if (blockCount < 2) return 1
  const mean = sum / blockCount
  const variance = Math.max(0, (sumOfSquares - blockCount * mean * mean) / (blockCount - 1))
  const log = Math.log((4 * Math.max(1, shareCount)) / MAX_ERROR_CHANCE)
  return Math.min(1, Math.sqrt((2 * variance * log) / blockCount) + (7 * log) / (3 * (blockCount - 1)))
}
