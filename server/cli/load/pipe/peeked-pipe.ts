import 'server-only'

/** A pipe whose beginning can be looked at before it is read. */
export class PeekedPipe {
  readonly #iterator: AsyncIterator<Uint8Array>
  #beginning: Uint8Array = new Uint8Array()
  #isEnded = false

  constructor(pipe: AsyncIterable<Uint8Array>) {
    this.#iterator = pipe[Symbol.asyncIterator]()
  }

  /**
   * Waits for the pipe until its beginning shows something.
   *
   * @param find from the first bytes, which may be all; null: more are needed
   * @returns null if all bytes do not show it
   */
  async peek<Found>(find: (bytes: Uint8Array, isWhole: boolean) => Promise<Found | null>): Promise<Found | null> {
    for (;;) {
      const found = await find(this.#beginning, this.#isEnded)
      if (found !== null || this.#isEnded) return found
      const next = await this.#iterator.next()
      if (next.done === true) this.#isEnded = true
      else this.#beginning = Buffer.concat([this.#beginning, next.value])
    }
  }

  /** All bytes of the pipe, once. */
  async *read(): AsyncGenerator<Uint8Array> {
    if (this.#beginning.length > 0) yield this.#beginning
    this.#beginning = new Uint8Array()
    while (!this.#isEnded) {
      const next = await this.#iterator.next()
      if (next.done === true) return
      yield next.value
    }
  }
}
