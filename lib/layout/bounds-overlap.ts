import type { DataFile } from '../iceberg/manifest/manifest'
import { partitionKey } from '../iceberg/manifest/partition-key'
import { compareValues, tryDecodeSingleValue } from '../iceberg/schema/single-value'
import type { PrimitiveType, Value } from '../iceberg/schema/types'
import { sortInSteps } from './sort-in-steps'

/** The bounds of one file. */
type FileBounds = { partition: number; lower: Value; upper: Value }

/** Where a file's values are, from 0 to 1, by the order of the bounds of all files. */
export type DrawnBounds = {
  /** The number of its partition, in the order of their lowest bounds, from 0. */
  partition: number
  lower: Value
  upper: Value
  from: number
  to: number
  isOverlapping: boolean
}

/**
 * How sorted the files of a table are by a column.
 *
 * Two files overlap when they are in one partition and their bounds share more than one value: a file ends where the
 * next begins if rows with equal values are in both. A file with one value overlaps the files in which the value is
 * between the bounds. Files without both bounds are not judged.
 */
export type BoundsOverlap = {
  comparedFiles: number
  /** How many partitions the compared files are in; 1 for an unpartitioned table. */
  partitionCount: number
  overlappingFiles: number
  /** Without bounds, or above the limit of files. */
  unknownFiles: number
  /**
   * How many files have bounds that include a value, over all partitions: for the lower bounds of all files on average,
   * and at most.
   */
  averageFilesPerValue: number
  mostFilesPerValue: number
  /** Evenly chosen files by partition, in the order of their bounds, at most {@link MAX_DRAWN}. */
  drawn: readonly DrawnBounds[]
}

export const MAX_JUDGED_FILES = 250_000
export const MAX_DRAWN = 60

/** Collects the bounds of a column, two values for each file. */
export class BoundsTally {
  readonly #fieldId: number
  readonly #type: PrimitiveType
  readonly #partitions = new Map<string, number>()
  readonly #files: FileBounds[] = []
  #unknownFiles = 0

  constructor(fieldId: number, type: PrimitiveType) {
    this.#fieldId = fieldId
    this.#type = type
  }

  add(file: DataFile): void {
    if (file.recordCount === 0) return
    const bounds = this.#files.length < MAX_JUDGED_FILES ? this.#boundsOf(file) : null
    if (bounds) this.#files.push(bounds)
    else this.#unknownFiles += 1
  }

  #boundsOf(file: DataFile): FileBounds | null {
    const lower = file.metrics.lowerBounds.get(this.#fieldId)
    const upper = file.metrics.upperBounds.get(this.#fieldId)
    if (!lower || !upper) return null
    const key = partitionKey(file)
    const partition = this.#partitions.get(key) ?? this.#partitions.size
    this.#partitions.set(key, partition)
    const least = tryDecodeSingleValue(this.#type, lower)
    const greatest = tryDecodeSingleValue(this.#type, upper)
    // A damaged bound, or one of a type without an order, is ignored.
    if (least === null || greatest === null) return null
    return compareValues(this.#type, least, greatest) <= 0 ? { partition, lower: least, upper: greatest } : null
  }

  *finish(): Generator<void, BoundsOverlap, void> {
    const compare = (a: Value, b: Value) => compareValues(this.#type, a, b)
    const ordered = yield* sortInSteps(
      this.#files,
      (a, b) => a.partition - b.partition || compare(a.lower, b.lower) || compare(a.upper, b.upper),
    )
    const overlapping = yield* findOverlapping(ordered, compare)
    const depths = yield* this.#measureDepths(compare)
    const ranks = yield* rankPartitions(ordered, compare)
    return {
      comparedFiles: ordered.length,
      partitionCount: ranks.size,
      overlappingFiles: overlapping.size,
      unknownFiles: this.#unknownFiles,
      averageFilesPerValue: depths.average,
      mostFilesPerValue: depths.most,
      drawn: yield* drawBounds(ordered, overlapping, { ranks, rankOf: depths.rankOf }),
    }
  }

  *#measureDepths(compare: (a: Value, b: Value) => number) {
    const lowers = yield* sortInSteps(
      this.#files.map(({ lower }) => lower),
      compare,
    )
    const uppers = yield* sortInSteps(
      this.#files.map(({ upper }) => upper),
      compare,
    )
    let [sum, most, ended] = [0, 0, 0]
    for (let i = 0, next = 0; i < lowers.length; i = next) {
      const value = lowers[i] as Value
      next = i + 1
      while (next < lowers.length && compare(lowers[next] as Value, value) === 0) next += 1
      while (ended < uppers.length && compare(uppers[ended] as Value, value) < 0) ended += 1
      const depth = next - ended
      sum += depth * (next - i)
      most = Math.max(most, depth)
      if (i % 512 === 0) yield
    }
    const size = Math.max(1, lowers.length)
    const rankOf = (value: Value, isUpper: boolean) =>
      (countBefore(lowers, value, compare, isUpper) + countBefore(uppers, value, compare, isUpper)) / (2 * size)
    return { average: sum / size, most, rankOf }
  }
}

type Compare = (a: Value, b: Value) => number

/** @param ordered by partition, lower and upper bound */
function* findOverlapping(
  ordered: readonly FileBounds[],
  compare: Compare,
): Generator<void, ReadonlySet<FileBounds>, void> {
  const overlapping = new Set<FileBounds>()
  let [partition, highest]: [number, Value | null] = [-1, null]
  for (let start = 0, end = 0; start < ordered.length; start = end) {
    const first = ordered[start] as FileBounds
    if (first.partition !== partition) [partition, highest] = [first.partition, null]
    end = start + 1
    while (end < ordered.length && isSameStart(first, ordered[end] as FileBounds, compare)) end += 1
    const next = ordered[end]
    const isInside = highest !== null && compare(highest, first.lower) > 0
    const group = ordered.slice(start, end)
    const wide = group.filter(({ lower, upper }) => compare(lower, upper) < 0)
    for (const file of isInside ? group : wide) {
      const isFollowed = next?.partition === partition && compare(next.lower, file.upper) < 0
      if (isInside || wide.length > 1 || isFollowed) overlapping.add(file)
    }
    const last = group.at(-1) ?? first
    if (highest === null || compare(last.upper, highest) > 0) highest = last.upper
    if (end % 64 === 0 || group.length > 64) yield
  }
  return overlapping
}

function isSameStart(a: FileBounds, b: FileBounds, compare: Compare): boolean {
  return a.partition === b.partition && compare(a.lower, b.lower) === 0
}

/**
 * Partitions by their lowest bounds.
 *
 * @param ordered by partition and lower bound
 */
function* rankPartitions(
  ordered: readonly FileBounds[],
  compare: Compare,
): Generator<void, ReadonlyMap<number, number>, void> {
  const lowest = ordered.filter(({ partition }, i) => partition !== ordered[i - 1]?.partition)
  const ranked = yield* sortInSteps(lowest, (a, b) => compare(a.lower, b.lower) || compare(a.upper, b.upper))
  return new Map(ranked.map(({ partition }, rank) => [partition, rank]))
}

/** @param files by partition, lower and upper bound */
function* drawBounds(
  files: readonly FileBounds[],
  overlapping: ReadonlySet<FileBounds>,
  { ranks, rankOf }: { ranks: ReadonlyMap<number, number>; rankOf: (value: Value, isUpper: boolean) => number },
): Generator<void, DrawnBounds[], void> {
  const rankOfFile = ({ partition }: FileBounds) => ranks.get(partition) ?? 0
  const ordered = yield* sortInSteps(files, (a, b) => rankOfFile(a) - rankOfFile(b))
  const count = Math.min(MAX_DRAWN, ordered.length)
  return Array.from({ length: count }, (_, i) => {
    const file = ordered[Math.floor((i * ordered.length) / count)] as FileBounds
    const { lower, upper } = file
    return {
      partition: rankOfFile(file),
      lower,
      upper,
      from: rankOf(lower, false),
      to: rankOf(upper, true),
      isOverlapping: overlapping.has(file),
    }
  })
}

/** How many sorted values are before one, or before and equal to it. */
function countBefore(sorted: readonly Value[], value: Value, compare: Compare, includesEqual: boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = compare(sorted[middle] as Value, value)
    if (order < 0 || (includesEqual && order === 0)) low = middle + 1
    else high = middle
  }
  return low
}
