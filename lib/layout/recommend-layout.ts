import { formatCount, formatQuantity } from '../format/count'
import { type Estimate, SMALL_SHARE } from './layout-estimate'

/** The figures that a recommendation is judged by. */
export type JudgedLayout = {
  partitions: Estimate
  medianRows: Estimate
  skew: Estimate
  /** Those with less than a quarter of the target size. */
  smallPartitions: Estimate
}

export type JudgedTable = { rowCount: number; dataBytes: number; targetBytes: number }

export type Verdict = {
  isAcceptable: boolean
  /** Sentences, the most important first. */
  reasons: readonly string[]
}

export type Recommendation = {
  /** The recommended layout; null when a table without partitions is better than all of them. */
  best: number | null
  verdicts: readonly Verdict[]
  /** Why the best is recommended, or why none is. */
  reason: string
}

const MAX_PARTITIONS = 10_000
const MAX_SKEW = 10

/**
 * The layout with the most partitions of those whose median partition fills at least a quarter of a file of the target
 * size, that have at most 10,000 partitions, and whose largest is at most ten times the median. More partitions let a
 * filter skip more. Which filters are used is not part of the judgement.
 */
export function recommendLayout(layouts: readonly JudgedLayout[], table: JudgedTable): Recommendation {
  const verdicts = layouts.map((layout) => judgeLayout(layout, table))
  const { rowCount, dataBytes, targetBytes } = table
  if (rowCount === 0) return { best: null, verdicts, reason: 'The table has no rows to judge a layout by.' }
  if (dataBytes < targetBytes) {
    return {
      best: null,
      verdicts,
      reason: 'All data fits into one file of the target size: partitions make files smaller, and readers gain little.',
    }
  }
  const acceptable = verdicts.flatMap(({ isAcceptable }, i) => (isAcceptable ? [i] : []))
  const best = acceptable.reduce<number | null>((found, i) => {
    if (found === null) return i
    return likely(layouts[i]?.partitions) > likely(layouts[found]?.partitions) ? i : found
  }, null)
  if (best === null) {
    return { best, verdicts, reason: 'None of them has partitions of a good size. The reasons are with each of them.' }
  }
  const count = likely(layouts[best]?.partitions)
  return {
    best,
    verdicts,
    reason:
      count <= 1
        ? 'Finer partitions would be too small or too uneven.'
        : 'It has the most partitions of those that fill their files, so a filter on its columns skips the most.',
  }
}

function judgeLayout(layout: JudgedLayout, table: JudgedTable): Verdict {
  const { partitions, medianRows, skew } = layout
  const { rowCount, dataBytes, targetBytes } = table
  const bytesPerRow = rowCount === 0 ? 0 : dataBytes / rowCount
  const isTooMany = likely(partitions) > MAX_PARTITIONS
  const smallest = medianRows.estimate ?? medianRows.low
  const isTooSmall = likely(partitions) > 1 && smallest * bytesPerRow < Math.min(dataBytes, targetBytes) * SMALL_SHARE
  const isUneven = likely(skew) > MAX_SKEW
  const reasons = [
    ...(isTooMany ? [`It has more than ${MAX_PARTITIONS.toLocaleString('en-US')} partitions.`] : []),
    ...(isTooSmall ? [smallPartitionsReason(layout)] : []),
    ...(isUneven ? [`Its largest partition is more than ${MAX_SKEW} times the median.`] : []),
  ]
  return { isAcceptable: reasons.length === 0, reasons }
}

/** Says how many, because a median says it of half of them, also when it is true of all. */
function smallPartitionsReason({ partitions, smallPartitions }: JudgedLayout): string {
  const share = 'less than a quarter of the target file size'
  const count = exactly(smallPartitions) ?? smallPartitions.estimate
  const total = exactly(partitions) ?? partitions.estimate
  if (count === null || total === null) return `Half of the partitions or more may hold ${share}.`
  const isExact = exactly(smallPartitions) !== null && exactly(partitions) !== null
  if (isExact && count === total) return `All ${formatQuantity(total, 'partition')} hold ${share}.`
  const counted = `${formatCount(count)} of ${formatQuantity(total, 'partition')}`
  return `${isExact ? counted : `About ${counted}`} ${count === 1 ? 'holds' : 'hold'} ${share}.`
}

function exactly({ low, high }: Estimate): number | null {
  return low === high ? low : null
}

/** Without an estimate, the limit that speaks against a layout: of partitions, and of how uneven they are, the higher. */
function likely(estimate: Estimate | undefined): number {
  return estimate?.estimate ?? estimate?.high ?? 0
}
