/**
 * A table of FlatBuffers, in which Arrow writes its metadata. Every read is checked against the bytes; the counts of
 * vectors are, too, so that a false one cannot make a reader loop.
 *
 * Spec: FlatBuffers, *Internals*.
 */
export class FlatTable {
  readonly #view: DataView
  readonly #position: number
  readonly #vtable: number
  readonly #vtableBytes: number

  private constructor(view: DataView, position: number) {
    this.#view = view
    this.#position = position
    this.#vtable = position - view.getInt32(position, true)
    this.#vtableBytes = view.getUint16(this.#vtable, true)
  }

  /** @throws {RangeError} when the table, or anything that is read from it, reaches beyond the bytes */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new FlatTable(view, view.getUint32(0, true))
  }

  boolean(slot: number): boolean {
    return this.byte(slot) !== 0
  }

  byte(slot: number): number {
    const at = this.#at(slot)
    return at === null ? 0 : this.#view.getUint8(at)
  }

  short(slot: number, absent = 0): number {
    const at = this.#at(slot)
    return at === null ? absent : this.#view.getInt16(at, true)
  }

  int(slot: number, absent = 0): number {
    const at = this.#at(slot)
    return at === null ? absent : this.#view.getInt32(at, true)
  }

  long(slot: number): bigint {
    const at = this.#at(slot)
    return at === null ? 0n : this.#view.getBigInt64(at, true)
  }

  text(slot: number): string | null {
    const at = this.#at(slot)
    if (at === null) return null
    const { start, count } = this.#vectorAt(at, 1)
    return new TextDecoder().decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, count))
  }

  table(slot: number): FlatTable | null {
    const at = this.#at(slot)
    return at === null ? null : new FlatTable(this.#view, at + this.#view.getUint32(at, true))
  }

  tables(slot: number): FlatTable[] {
    const at = this.#at(slot)
    if (at === null) return []
    const { start, count } = this.#vectorAt(at, 4)
    return Array.from({ length: count }, (_, i) => {
      const entry = start + 4 * i
      return new FlatTable(this.#view, entry + this.#view.getUint32(entry, true))
    })
  }

  /** The 64-bit integers of a vector of them, or of structs of them, as numbers. */
  sizes(slot: number, perEntry = 1): number[] {
    const at = this.#at(slot)
    if (at === null) return []
    const { start, count } = this.#vectorAt(at, 8 * perEntry)
    return Array.from({ length: count * perEntry }, (_, i) => toSize(this.#view.getBigInt64(start + 8 * i, true)))
  }

  #at(slot: number): number | null {
    const entry = 4 + 2 * slot
    const offset = entry + 2 > this.#vtableBytes ? 0 : this.#view.getUint16(this.#vtable + entry, true)
    return offset === 0 ? null : this.#position + offset
  }

  #vectorAt(at: number, entryBytes: number): { start: number; count: number } {
    const vector = at + this.#view.getUint32(at, true)
    const count = this.#view.getUint32(vector, true)
    if (count * entryBytes > this.#view.byteLength - vector - 4) throw new RangeError(`a vector of ${count} entries`)
    return { start: vector + 4, count }
  }
}

/** @throws {RangeError} for a negative one, and beyond 2^53 */
export function toSize(value: bigint): number {
  const size = Number(value)
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`the size ${value}`)
  return size
}
