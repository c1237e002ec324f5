import type { Value } from '../iceberg/schema/types'
import { medianBy } from '../median'

/** A number that is at least `low` and at most `high`; null without evidence for a number between them. */
export type Estimate = { low: number; estimate: number | null; high: number }

export type EstimatedPartition = { values: readonly (Value | null)[]; rows: Estimate }

/** How a table would be partitioned by a layout, if all of its rows were written again. */
export type LayoutEstimate = {
  partitions: Estimate
  medianRows: Estimate
  largestRows: Estimate
  /** Rows in the largest partition for each row in the median one. */
  skew: Estimate
  /** Partitions with fewer rows than a quarter of a file of the target size has. */
  smallPartitions: Estimate
  /** When each partition is written to as few files of the target size as it fits. */
  files: Estimate
  /** In the order of their values; when there are more than {@link MAX_LISTED}, the largest ones. */
  listed: readonly EstimatedPartition[]
  /** Partitions that are listed, or would be if there were no limit. */
  knownCount: number
  /** Rows of files of which the manifests say in which partition they would be. */
  exactRows: number
  /** Rows of files whose bounds span several partitions. */
  spannedRows: number
  /** How many of these rows are in files without bounds that limit the partition. */
  unboundedRows: number
  /** Whether the sample has all rows of files whose bounds span several partitions. */
  isEveryRowRead: boolean
}

export const MAX_LISTED = 200

/** A partition that is known to be there, or that might be. */
export type Cell = {
  values: readonly (Value | null)[]
  isCertain: boolean
  rows: Estimate
}

/** The partitions that are not among the cells. */
export type Unlisted = {
  /** How many more partitions there may be. */
  maxCount: number
  /** How many more there probably are; null without evidence. */
  estimatedCount: number | null
  /** How many there must be in addition to the certain cells. Cells that are only possible may be among them. */
  minCount: number
  /** How many rows each may have. */
  maxRows: number
}

/** A partition with less than this share of a file of the target size is small: a reader opens a file for few rows. */
export const SMALL_SHARE = 0.25

export type TableSize = {
  rows: number
  /** How many of these delete files delete at most. */
  deletableRows: number
  /** How many rows fit into a file of the target size. */
  rowsPerFile: number
}

export type CellSummary = Pick<
  LayoutEstimate,
  'partitions' | 'medianRows' | 'largestRows' | 'skew' | 'smallPartitions' | 'files' | 'knownCount'
>

/** Sums up cells. */
export function* summarizeCells(
  cells: readonly Cell[],
  unlisted: Unlisted,
  size: TableSize,
): Generator<void, CellSummary, void> {
  const certainCount = cells.reduce((count, { isCertain }) => count + Number(isCertain), 0)
  const lows = Float64Array.from(cells, ({ rows }) => Math.max(1, rows.low)).sort()
  yield
  const highs = Float64Array.from(cells, ({ rows }) => rows.high).sort()
  yield
  const estimates = cells.flatMap(({ rows }) => (rows.estimate === null ? [] : [rows.estimate]))
  const isEstimated = estimates.length === cells.length && unlisted.estimatedCount !== null
  const present = Float64Array.from(estimates.filter((rows) => rows > 0)).sort()
  yield
  const most = cells.length + unlisted.maxCount
  const least = certainCount + unlisted.minCount
  const hidden = unlisted.estimatedCount ?? 0
  const partitions = within(least, isEstimated ? present.length + hidden : null, most)
  const medianRows = within(
    medianWithSmall(lows, unlisted.maxCount),
    isEstimated ? medianWithSmall(present, hidden) : null,
    yield* highestMedian(cells, highs, unlisted),
  )
  const largestRows = within(
    cells.reduce((largest, { rows }) => Math.max(largest, rows.low), 0),
    isEstimated ? (present.at(-1) ?? 0) : null,
    Math.max(highs.at(-1) ?? 0, unlisted.maxCount > 0 ? unlisted.maxRows : 0),
  )
  return {
    partitions,
    medianRows,
    largestRows,
    skew: skewOf(largestRows, medianRows),
    smallPartitions: smallOf(cells, { unlisted, lows, present: isEstimated ? present : null }, size),
    files: filesOf(partitions, isEstimated ? present : null, hidden, size),
    knownCount: cells.length,
  }
}

/** Possible partitions are small at most; those without an estimate of their own have few rows. */
function smallOf(
  cells: readonly Cell[],
  { unlisted, lows, present }: { unlisted: Unlisted; lows: Float64Array; present: Float64Array | null },
  { rowsPerFile }: TableSize,
): Estimate {
  const limit = rowsPerFile * SMALL_SHARE
  const certain = cells.reduce((count, { isCertain, rows }) => count + Number(isCertain && rows.high < limit), 0)
  const estimate = present && countBelow(present, limit) + (unlisted.estimatedCount ?? 0)
  return within(certain, estimate, countBelow(lows, limit) + unlisted.maxCount)
}

/** The last file of a partition is smaller, so there is at most one more for each partition. */
function filesOf(
  partitions: Estimate,
  present: Float64Array | null,
  hiddenCount: number,
  { rows, deletableRows, rowsPerFile }: TableSize,
): Estimate {
  const estimate = present?.reduce((count, partRows) => count + Math.ceil(partRows / rowsPerFile), hiddenCount) ?? null
  return within(
    Math.max(partitions.low, Math.ceil((rows - deletableRows) / rowsPerFile)),
    estimate,
    partitions.high + Math.floor(rows / rowsPerFile),
  )
}

function skewOf(largest: Estimate, median: Estimate): Estimate {
  const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b)
  const estimate =
    largest.estimate === null || median.estimate === null ? null : ratio(largest.estimate, median.estimate)
  return within(Math.max(1, ratio(largest.low, median.high)), estimate, ratio(largest.high, Math.max(1, median.low)))
}

/** The median of values and of a number of ones. */
function medianWithSmall(sorted: Float64Array, smallCount: number): number {
  const total = sorted.length + smallCount
  if (total === 0) return 0
  return medianBy(total, (index) => (index < smallCount ? 1 : (sorted[index - smallCount] ?? 0)))
}

/**
 * Small partitions that are only possible may be missing, and large ones there. The mean of the most that either of the
 * two in the middle can be; of an odd number they are one.
 */
function* highestMedian(
  cells: readonly Cell[],
  highs: Float64Array,
  unlisted: Unlisted,
): Generator<void, number, void> {
  const certain = Float64Array.from(
    cells.filter(({ isCertain }) => isCertain),
    ({ rows }) => rows.high,
  ).sort()
  yield
  const thresholds = unlisted.maxCount > 0 ? Float64Array.from([...highs, unlisted.maxRows]).sort() : highs
  /** The upper one of the two, which is found first. */
  let upper: number | null = null
  for (let i = thresholds.length - 1; i >= 0; i -= 1) {
    const limit = thresholds[i] ?? 0
    const listed = highs.length - countBelow(highs, limit)
    const certainAbove = certain.length - countBelow(certain, limit)
    const others = unlisted.maxRows >= limit ? unlisted.maxCount : 0
    const above = listed + others
    const total = above + certain.length - certainAbove
    if (above >= Math.ceil(total / 2)) upper ??= limit
    if (above >= Math.floor(total / 2) + 1) return limit + ((upper ?? limit) - limit) / 2
    if (i % 4_096 === 0) yield
  }
  return highs[0] ?? 0
}

function countBelow(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** An estimate from a sample may be outside of the certain bounds. */
export function within(low: number, estimate: number | null, high: number): Estimate {
  const top = Math.max(low, high)
  return { low, estimate: estimate === null ? null : Math.min(top, Math.max(low, estimate)), high: top }
}

/** All of them, or the {@link MAX_LISTED} with most rows. */
export function* largestCells<Known extends Cell>(cells: readonly Known[]): Generator<void, readonly Known[], void> {
  if (cells.length <= MAX_LISTED) return cells
  const sizes = Float64Array.from(cells, sizeOf).sort()
  yield
  const least = sizes[sizes.length - MAX_LISTED] ?? 0
  const above = cells.filter((cell) => sizeOf(cell) > least)
  yield
  const equal = cells.filter((cell) => sizeOf(cell) === least)
  return [...above, ...equal.slice(0, MAX_LISTED - above.length)]
}

function sizeOf({ rows: { low, estimate, high } }: Cell): number {
  return estimate ?? (low + high) / 2
}
