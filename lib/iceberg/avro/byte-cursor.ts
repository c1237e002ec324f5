import { AppError } from '@/lib/errors'

const TWO_32 = 4_294_967_296
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads Avro's binary encoding from front to back. Every step is checked against the end, so damaged bytes give an
 * error with the file name, never a wrong value.
 *
 * Avro 1.12 specification, *Binary encoding*.
 */
export class ByteCursor {
  readonly bytes: Uint8Array
  /** The file that is read, for error messages: `manifest file:///…`. */
  readonly label: string
  position: number
  /** Whether a value reached beyond the bytes, so that more of them might help. */
  isExhausted = false
  readonly #view: DataView
  #low = 0
  #high = 0
  #lastLow = 0
  #lastHigh = 0
  #lastId = '0'

  constructor(bytes: Uint8Array, label: string, position = 0) {
    // slice() of a Buffer does not copy, so this is a Uint8Array.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.label = label
    this.position = position
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remainingBytes(): number {
    return this.bytes.length - this.position
  }

  damagedError(detail: string): AppError {
    return new AppError('file-damaged', `The ${this.label} cannot be read: ${detail}`, {
      facts: { file: this.label, position: this.position },
    })
  }

  /** An int or long that must fit a number exactly. */
  integer(): number {
    const firstByte = this.bytes[this.position]
    if (firstByte !== undefined && firstByte < 0x80) {
      this.position += 1
      return (firstByte >>> 1) ^ -(firstByte & 1)
    }
    this.#decodeLong()
    const value = this.#high * TWO_32 + this.#low
    if (!Number.isSafeInteger(value)) throw this.damagedError(`a count or size is beyond 2^53 at byte ${this.position}`)
    return value
  }

  /** A count or a size, never negative. */
  count(): number {
    const value = this.integer()
    if (value < 0) throw this.damagedError(`a count or size is negative at byte ${this.position}`)
    return value
  }

  long(): bigint {
    this.#decodeLong()
    return (BigInt(this.#high) << 32n) | BigInt(this.#low)
  }

  /** A long as eight little-endian bytes at `at`. */
  longInto(target: DataView, at: number): void {
    this.#decodeLong()
    target.setUint32(at, this.#low, true)
    target.setInt32(at + 4, this.#high, true)
  }

  /** A long as decimal text. Most files repeat the same id many times in a row, so the last text is cached. */
  id(): string {
    this.#decodeLong()
    if (this.#low !== this.#lastLow || this.#high !== this.#lastHigh) {
      this.#lastLow = this.#low
      this.#lastHigh = this.#high
      this.#lastId = String((BigInt(this.#high) << 32n) | BigInt(this.#low))
    }
    return this.#lastId
  }

  boolean(): boolean {
    const byte = this.bytes[this.position++]
    if (byte === undefined) throw this.#truncatedError()
    if (byte > 1) throw this.damagedError(`a boolean has the value ${byte} at byte ${this.position}`)
    return byte === 1
  }

  float(): number {
    return this.#view.getFloat32(this.#advance(4), true)
  }

  double(): number {
    return this.#view.getFloat64(this.#advance(8), true)
  }

  /** A view of the next bytes, not a copy. */
  fixed(sizeBytes: number): Uint8Array {
    const start = this.#advance(sizeBytes)
    return this.bytes.subarray(start, start + sizeBytes)
  }

  /** A view, not a copy. */
  binary(): Uint8Array {
    return this.fixed(this.count())
  }

  text(): string {
    const bytes = this.binary()
    try {
      return utf8Decoder.decode(bytes)
    } catch (cause) {
      throw new AppError('file-damaged', `The ${this.label} cannot be read: a string is not UTF-8`, { cause })
    }
  }

  skip(sizeBytes: number): void {
    this.#advance(sizeBytes)
  }

  skipLong(): void {
    const start = this.position
    for (;;) {
      const byte = this.bytes[this.position++]
      if (byte === undefined) throw this.#truncatedError()
      if (byte < 0x80) return
      if (this.position - start >= 10) throw this.damagedError(`an integer is longer than ten bytes at byte ${start}`)
    }
  }

  skipBinary(): void {
    this.#advance(this.count())
  }

  #advance(sizeBytes: number): number {
    const start = this.position
    if (sizeBytes > this.bytes.length - start) throw this.#truncatedError()
    this.position = start + sizeBytes
    return start
  }

  /** Decodes a zigzag varint into two halves: `#high` signed, `#low` unsigned. */
  #decodeLong(): void {
    let low = 0
    let high = 0
    let shift = 0
    const start = this.position
    for (;;) {
      const byte = this.bytes[this.position++]
      if (byte === undefined) throw this.#truncatedError()
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) break
      shift += 7
      if (shift > 63) throw this.damagedError(`an integer is longer than ten bytes at byte ${start}`)
    }
    const sign = -(low & 1)
    this.#low = (((low >>> 1) | (high << 31)) ^ sign) >>> 0
    this.#high = (high >>> 1) ^ sign
  }

  #truncatedError(): AppError {
    this.isExhausted = true
    return this.damagedError('it ends in the middle of a value')
  }
}
