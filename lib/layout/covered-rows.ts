/**
 * Rows of files whose values are somewhere in ranges of whole numbers: how many of them might have a certain value, how
 * many values there are, and how many different ones there must be.
 */
export class CoveredRows {
  /** Rows of the ranges that start at a value, and that end at it. */
  readonly #starts = new Map<bigint, number>()
  readonly #ends = new Map<bigint, number>()
  /** The highest start by end, for ranges that certainly have rows. */
  readonly #certain = new Map<bigint, bigint>()

  add(from: bigint, to: bigint, rows: number, isCertain: boolean): void {
    this.#starts.set(from, (this.#starts.get(from) ?? 0) + rows)
    this.#ends.set(to, (this.#ends.get(to) ?? 0) + rows)
    const start = this.#certain.get(to)
    if (isCertain && (start === undefined || start < from)) this.#certain.set(to, from)
  }

  /** Sorts the ranges for lookups. Ranges cannot be added after this. */
  *seal(): Generator<void, SealedCover, void> {
    const starts = BigInt64Array.from(this.#starts.keys()).sort()
    yield
    const ends = BigInt64Array.from(this.#ends.keys()).sort()
    yield
    const startedRows = yield* sums(starts, this.#starts)
    const endedRows = yield* sums(ends, this.#ends)
    const certainEnds = BigInt64Array.from(this.#certain.keys()).sort()
    yield
    return new SealedCover({ starts, ends, startedRows, endedRows, certainEnds, certainStarts: this.#certain })
  }
}

type Sorted = {
  starts: BigInt64Array
  ends: BigInt64Array
  /** At each index the rows of all before it. */
  startedRows: Float64Array
  endedRows: Float64Array
  certainEnds: BigInt64Array
  certainStarts: ReadonlyMap<bigint, bigint>
}

const STEP = 4_096

function* sums(keys: BigInt64Array, rows: ReadonlyMap<bigint, number>): Generator<void, Float64Array, void> {
  const result = new Float64Array(keys.length + 1)
  for (let i = 0; i < keys.length; i += 1) {
    result[i + 1] = (result[i] ?? 0) + (rows.get(keys[i] ?? 0n) ?? 0)
    if (i % STEP === 0) yield
  }
  return result
}

export class SealedCover {
  readonly #sorted: Sorted

  constructor(sorted: Sorted) {
    this.#sorted = sorted
  }

  /** Rows that might have a value. */
  rowsAt(value: bigint): number {
    const { starts, ends, startedRows, endedRows } = this.#sorted
    return (startedRows[countUntil(starts, value)] ?? 0) - (endedRows[countUntil(ends, value - 1n)] ?? 0)
  }

  /** The parts of the number line that the ranges cover, in order, each as long as possible. */
  *segments(): Generator<{ from: bigint; to: bigint }, void> {
    const { starts, ends, startedRows, endedRows } = this.#sorted
    let [start, end] = [0, 0]
    while (start < starts.length) {
      const from = starts[start] ?? 0n
      let to = from
      // Until as many rows have ended as have started, something is open.
      do {
        while (start < starts.length && (starts[start] ?? 0n) <= (ends[end] ?? 0n)) start += 1
        to = ends[end] ?? to
        end += 1
      } while ((endedRows[end] ?? 0) < (startedRows[start] ?? 0))
      yield { from, to }
    }
  }

  /**
   * How many different values the ranges have at least, in addition to known ones.
   *
   * @param known ascending
   */
  *countOthers(known: BigInt64Array): Generator<void, number, void> {
    const { certainEnds, certainStarts } = this.#sorted
    let [count, last]: [number, bigint | null] = [0, null]
    for (let i = 0; i < certainEnds.length; i += 1) {
      if (i % STEP === 0) yield
      const to = certainEnds[i] ?? 0n
      const from = certainStarts.get(to) ?? to
      if (last !== null && last >= from) continue
      if (countUntil(known, to) > countUntil(known, from - 1n)) continue
      count += 1
      last = to
    }
    return count
  }
}

/** How many of the sorted values are not above a limit. */
function countUntil(sorted: BigInt64Array, limit: bigint): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0n) <= limit) low = middle + 1
    else high = middle
  }
  return low
}
