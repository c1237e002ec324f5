/** Entries in the order they were used last. */
export class RecentlyUsed<K, V> {
  private readonly entries = new Map<K, V>()

  get(key: K): V | undefined {
    const value = this.entries.get(key)
    if (value !== undefined) {
      this.entries.delete(key)
      this.entries.set(key, value)
    }
    return value
  }

  /** Without counting as a use. */
  peek(key: K): V | undefined {
    return this.entries.get(key)
  }

  set(key: K, value: V): V {
    this.entries.delete(key)
    this.entries.set(key, value)
    return value
  }

  delete(key: K): void {
    this.entries.delete(key)
  }

  /** Newest first. */
  newestFirst(): [K, V][] {
    return [...this.entries].reverse()
  }
}

/** Drops the entries used longest ago until the rest weighs at most `limit`. */
export function clearRecent<K, V>(entries: RecentlyUsed<K, V>, limit: number, weigh: (value: V) => number): void {
  let total = 0
  for (const [key, value] of entries.newestFirst()) {
    total += weigh(value)
    if (total > limit) entries.delete(key)
  }
}
