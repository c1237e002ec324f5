const utf8Encoder = new TextEncoder()

/** Writes Avro's binary encoding into a buffer that grows. Avro 1.12 specification, *Binary encoding*. */
export class ByteSink {
  #bytes = new Uint8Array(4096)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  /** A view of the bytes written so far. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** An int or long, as zigzag varint. */
  long(value: bigint | number): void {
    let zigzag = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
    const start = this.#reserve(10)
    let end = start
    while (zigzag >= 0x80n) {
      this.#bytes[end++] = Number(zigzag & 0x7fn) | 0x80
      zigzag >>= 7n
    }
    this.#bytes[end++] = Number(zigzag)
    this.#length = end
  }

  boolean(value: boolean): void {
    const start = this.#reserve(1)
    this.#bytes[start] = value ? 1 : 0
    this.#length = start + 1
  }

  float(value: number): void {
    const start = this.#reserve(4)
    this.#view.setFloat32(start, value, true)
    this.#length = start + 4
  }

  double(value: number): void {
    const start = this.#reserve(8)
    this.#view.setFloat64(start, value, true)
    this.#length = start + 8
  }

  fixed(bytes: Uint8Array): void {
    const start = this.#reserve(bytes.length)
    this.#bytes.set(bytes, start)
    this.#length = start + bytes.length
  }

  binary(bytes: Uint8Array): void {
    this.long(bytes.length)
    this.fixed(bytes)
  }

  text(value: string): void {
    this.binary(utf8Encoder.encode(value))
  }

  #reserve(sizeBytes: number): number {
    const requiredBytes = this.#length + sizeBytes
    if (requiredBytes > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(requiredBytes, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    return this.#length
  }
}
