import 'server-only'

/** The bytes of a part while they arrive, in memory that is used again for the next part of the request. */
export class PartBuffer {
  readonly #memory: Buffer
  #length = 0

  constructor(memory: Buffer) {
    this.#memory = memory
  }

  get byteLength(): number {
    return this.#length
  }

  get isFull(): boolean {
    return this.#length === this.#memory.byteLength
  }

  /** Valid until more bytes are added. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length)
  }

  /** Adds as many of the bytes as there is room for. @returns the others */
  fill(bytes: Uint8Array): Uint8Array {
    const room = this.#memory.byteLength - this.#length
    this.#memory.set(bytes.subarray(0, room), this.#length)
    this.#length += Math.min(room, bytes.byteLength)
    return bytes.subarray(room)
  }

  /** Empties the buffer. @returns its bytes, valid until more are added */
  take(): Uint8Array {
    const { bytes } = this
    this.#length = 0
    return bytes
  }
}
