type CacheEntry<Value> = { value: Value; bytes: number }

/**
 * Values by key, up to a total size. The least recently used entries are evicted first. A value that alone exceeds the
 * limit is not cached.
 */
export class LruCache<Value> {
  readonly #maxBytes: number
  readonly #maxCount: number
  /** In order of last use. */
  readonly #byKey = new Map<string, CacheEntry<Value>>()
  #bytes = 0

  constructor({ maxBytes, maxCount = Number.POSITIVE_INFINITY }: { maxBytes: number; maxCount?: number }) {
    this.#maxBytes = maxBytes
    this.#maxCount = maxCount
  }

  get(key: string): Value | undefined {
    const entry = this.#byKey.get(key)
    if (!entry) return undefined
    this.#byKey.delete(key)
    this.#byKey.set(key, entry)
    return entry.value
  }

  /** @param bytes size of the value, estimated by the caller */
  set(key: string, value: Value, bytes: number): void {
    this.delete(key)
    if (bytes > this.#maxBytes) return
    this.#byKey.set(key, { value, bytes })
    this.#bytes += bytes
    for (const oldestKey of this.#byKey.keys()) {
      if (this.#byKey.size <= this.#maxCount && this.#bytes <= this.#maxBytes) return
      this.delete(oldestKey)
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#byKey.get(key)?.bytes ?? 0
    this.#byKey.delete(key)
  }
}
