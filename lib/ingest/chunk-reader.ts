/** Reads a stream of chunks in pieces of other sizes. */
export class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #position = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The bytes that were taken. */
  get position(): number {
    return this.#position
  }

  /** The next bytes without taking them; fewer only at the end of the stream. Valid until the next call. */
  async peek(sizeBytes: number): Promise<Uint8Array> {
    while (this.#pendingBytes < sizeBytes) {
      const next = await this.#chunks.next()
      if (next.done === true) break
      const { buffer, byteOffset, byteLength } = next.value
      // slice() of a Buffer does not copy, so this is a Uint8Array.
      this.#pending.push(new Uint8Array(buffer, byteOffset, byteLength))
      this.#pendingBytes += byteLength
    }
    return this.#join().subarray(0, sizeBytes)
  }

  /** Takes the next bytes; fewer only at the end of the stream. */
  async take(sizeBytes: number): Promise<Uint8Array> {
    const bytes = await this.peek(sizeBytes)
    const rest = this.#join().subarray(bytes.length)
    this.#pending = rest.length === 0 ? [] : [rest]
    this.#pendingBytes = rest.length
    this.#position += bytes.length
    return bytes
  }

  #join(): Uint8Array {
    const [first, ...others] = this.#pending
    if (first === undefined) return new Uint8Array()
    if (others.length === 0) return first
    const joined = new Uint8Array(this.#pendingBytes)
    let at = 0
    for (const chunk of this.#pending) {
      joined.set(chunk, at)
      at += chunk.length
    }
    this.#pending = [joined]
    return joined
  }
}
