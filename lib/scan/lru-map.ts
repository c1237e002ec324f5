/** A map whose entries are ordered by last use. */
export class LruMap<K, V> {
  readonly #entries = new Map<K, V>()

  get(key: K): V | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined) {
      this.#entries.delete(key)
      this.#entries.set(key, value)
    }
    return value
  }

  /** Does not count as a use. */
  peek(key: K): V | undefined {
    return this.#entries.get(key)
  }

  set(key: K, value: V): V {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  delete(key: K): void {
    this.#entries.delete(key)
  }

  /** Newest first. */
  entriesNewestFirst(): [K, V][] {
    return [...this.#entries].reverse()
  }
}

/** Drops the least recently used entries until the total size is at most `limit`. */
export function evictLeastRecent<K, V>(entries: LruMap<K, V>, limit: number, sizeOf: (value: V) => number): void {
  let total = 0
  for (const [key, value] of entries.entriesNewestFirst()) {
    total += sizeOf(value)
    if (total > limit) entries.delete(key)
  }
}
