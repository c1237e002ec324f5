import { DeletedRows } from '../deletes/deleted-rows'
import { readPositions } from '../deletes/deletion-vector'

/** Positions from `first` to `last`, both included. */
export type PositionRange = { first: number; last: number }

export type PositionList = {
  readonly ranges: readonly PositionRange[]
  /** Number of all positions, including positions in ranges that are left out. */
  readonly count: number
  /** Whether there are more ranges than are listed. */
  readonly isTruncated: boolean
}

const MAX_RANGES = 100_000

/** Positions as ranges, in the order in which they are added. It needs no row count: a list of gaps takes no memory. */
class PositionRanges extends DeletedRows {
  readonly ranges: PositionRange[] = []
  isTruncated = false
  readonly #maxRanges: number
  #positionCount = 0

  constructor(maxRanges = MAX_RANGES) {
    super(0)
    this.#maxRanges = maxRanges
  }

  override get count(): number {
    return this.#positionCount
  }

  override add(position: number): void {
    this.addRange(position, position + 1)
  }

  override addRange(start: number, end: number): void {
    this.#positionCount += end - start
    const previous = this.ranges.at(-1)
    if (!this.isTruncated && previous?.last === start - 1) previous.last = end - 1
    else if (this.ranges.length < this.#maxRanges) this.ranges.push({ first: start, last: end - 1 })
    else this.isTruncated = true
  }
}

/**
 * The positions of a deletion vector as ranges, in order.
 *
 * @throws {DamagedDeletionVector}
 */
export function positionRanges(blob: Uint8Array, maxRanges = MAX_RANGES): PositionList {
  const positions = new PositionRanges(maxRanges)
  readPositions(blob, positions)
  const { ranges, count, isTruncated } = positions
  // A plain object, which can be sent by a worker.
  return { ranges, count, isTruncated }
}
