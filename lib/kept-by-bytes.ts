type Kept<Value> = { value: Value; bytes: number }

/**
 * Values by key, the longest unused given up first where all together are more than is allowed. One that alone is more
 * is not kept.
 */
export class KeptByBytes<Value> {
  readonly #maxBytes: number
  readonly #maxCount: number
  /** In order of last use. */
  readonly #byKey = new Map<string, Kept<Value>>()
  #bytes = 0

  constructor({ maxBytes, maxCount = Number.POSITIVE_INFINITY }: { maxBytes: number; maxCount?: number }) {
    this.#maxBytes = maxBytes
    this.#maxCount = maxCount
  }

  get(key: string): Value | undefined {
    const kept = this.#byKey.get(key)
    if (!kept) return undefined
    this.#byKey.delete(key)
    this.#byKey.set(key, kept)
    return kept.value
  }

  /** @param bytes that the value takes, by the caller's estimate */
  set(key: string, value: Value, bytes: number): void {
    this.forget(key)
    if (bytes > this.#maxBytes) return
    this.#byKey.set(key, { value, bytes })
    this.#bytes += bytes
    for (const oldest of this.#byKey.keys()) {
      if (this.#byKey.size <= this.#maxCount && this.#bytes <= this.#maxBytes) return
      this.forget(oldest)
    }
  }

  forget(key: string): void {
    this.#bytes -= this.#byKey.get(key)?.bytes ?? 0
    this.#byKey.delete(key)
  }
}
