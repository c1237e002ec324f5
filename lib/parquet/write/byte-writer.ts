const FIRST_BYTES = 1024

/** Bytes that grow. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  /** Made when it is needed: it takes as long as the memory, which V8 has at hand for a few bytes. */
  #view: DataView | null = null
  #length = 0

  /** @param expectedBytes for which it does not have to grow */
  constructor(expectedBytes = FIRST_BYTES) {
    this.#bytes = new Uint8Array(expectedBytes)
  }

  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    const at = this.#reserve(1)
    this.#bytes[at] = value
  }

  int32(value: number): void {
    const at = this.#reserve(4)
    this.#viewed().setInt32(at, value, true)
  }

  int64(value: bigint): void {
    const at = this.#reserve(8)
    this.#viewed().setBigInt64(at, value, true)
  }

  float32(value: number): void {
    const at = this.#reserve(4)
    this.#viewed().setFloat32(at, value, true)
  }

  float64(value: number): void {
    const at = this.#reserve(8)
    this.#viewed().setFloat64(at, value, true)
  }

  /** Seven bits a byte, the lowest first. @param value not negative, up to 2^53 */
  varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.byte(rest)
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** Sets bits of the byte that was written last. */
  orLast(bits: number): void {
    this.#bytes[this.#length - 1] = (this.#bytes[this.#length - 1] ?? 0) | bits
  }

  /** Begins again. @param maxKeptBytes of its memory that it keeps */
  clear(maxKeptBytes: number): void {
    this.#length = 0
    if (this.#bytes.length <= maxKeptBytes) return
    this.#bytes = new Uint8Array(FIRST_BYTES)
    this.#view = null
  }

  /** A view, until more is written. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #viewed(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer)
    return this.#view
  }

  /** Call it first: it may replace the memory. @returns where to write */
  #reserve(lengthBytes: number): number {
    const at = this.#length
    if (at + lengthBytes > this.#bytes.length) this.#grow(at + lengthBytes)
    this.#length += lengthBytes
    return at
  }

  #grow(lengthBytes: number): void {
    const grown = new Uint8Array(Math.max(lengthBytes, 2 * this.#bytes.length))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = null
  }
}
