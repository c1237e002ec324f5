/** The deleted rows of one data file, by their position in the file. A bit per row. */
export class DeletedRows {
  readonly rowCount: number
  readonly #bits: Uint32Array
  #count = 0

  /** @param rowCount of the file; positions beyond it are ignored, because no row is there */
  constructor(rowCount: number) {
    this.rowCount = rowCount
    this.#bits = new Uint32Array(Math.ceil(rowCount / 32))
  }

  /** How many rows are deleted. */
  get count(): number {
    return this.#count
  }

  get memoryBytes(): number {
    return this.#bits.byteLength
  }

  add(position: number): void {
    if (position < 0 || position >= this.rowCount) return
    const word = this.#bits[position >>> 5] ?? 0
    const bit = 1 << (position & 31)
    if ((word & bit) !== 0) return
    this.#bits[position >>> 5] = word | bit
    this.#count++
  }

  /** @param end exclusive */
  addRange(start: number, end: number): void {
    for (let position = Math.max(0, start); position < Math.min(end, this.rowCount); position++) this.add(position)
  }

  has(position: number): boolean {
    return ((this.#bits[position >>> 5] ?? 0) & (1 << (position & 31))) !== 0
  }

  /** The positions from `from` to before `to`, in their order. */
  positions(from = 0, to = this.rowCount): Uint32Array {
    const positions = new Uint32Array(this.countIn(from, to))
    let count = 0
    for (let position = from; position < to; position++) if (this.has(position)) positions[count++] = position
    return positions
  }

  equals(other: DeletedRows): boolean {
    return this.rowCount === other.rowCount && this.#bits.every((word, i) => word === other.#bits[i])
  }

  /** The positions from `from` to before `to` that are not deleted, counted from `from`. */
  remaining(from: number, to: number): Int32Array {
    const positions = new Int32Array(to - from)
    let count = 0
    for (let position = from; position < to; position++) if (!this.has(position)) positions[count++] = position - from
    return positions.subarray(0, count)
  }

  /** How many of the positions from `from` to before `to` are deleted. */
  countIn(from: number, to: number): number {
    let count = 0
    for (let position = from; position < to; ) {
      if ((position & 31) === 0 && position + 32 <= to) {
        count += countBits(this.#bits[position >>> 5] ?? 0)
        position += 32
      } else {
        if (this.has(position)) count++
        position++
      }
    }
    return count
  }

  /**
   * The position of a row that is not deleted.
   *
   * @param index among the rows that are not deleted, from 0
   * @returns the row count of the file if there are not so many
   */
  positionOf(index: number): number {
    let remaining = index
    for (let word = 0; word < this.#bits.length; word++) {
      const first = word * 32
      const rows = Math.min(32, this.rowCount - first)
      const live = rows - countBits(this.#bits[word] ?? 0)
      if (remaining >= live) {
        remaining -= live
        continue
      }
      for (let position = first; position < first + rows; position++) {
        if (!this.has(position) && remaining-- === 0) return position
      }
    }
    return this.rowCount
  }
}

function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}
