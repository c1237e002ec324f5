/**
 * Sizes of files in steps of a half power of two, in which they are counted: bucket 40 begins at 1 MiB, and 42 at 2 MiB.
 * A commit counts all its files at their mean size, because a summary has only their sum.
 */
export type SizeCount = { bucket: number; files: number }

const BUCKETS_PER_DOUBLING = 2

/** @param bytes at least 1 */
export function toSizeBucket(bytes: number): number {
  return Math.floor(Math.log2(Math.max(bytes, 1)) * BUCKETS_PER_DOUBLING)
}

export function bucketStartBytes(bucket: number): number {
  return 2 ** (bucket / BUCKETS_PER_DOUBLING)
}

/**
 * The size that a share of the files does not exceed, in bytes, between the limits of its bucket; null without files.
 *
 * @param share from 0 to 1
 */
export function sizeAtShare(counts: readonly SizeCount[], share: number): number | null {
  const total = counts.reduce((sum, { files }) => sum + files, 0)
  if (total <= 0) return null
  let before = 0
  for (const { bucket, files } of counts.toSorted((a, b) => a.bucket - b.bucket)) {
    if (files > 0 && before + files >= share * total) {
      const within = (share * total - before) / files
      return Math.round(2 ** ((bucket + Math.max(0, within)) / BUCKETS_PER_DOUBLING))
    }
    before += files
  }
  return null
}
