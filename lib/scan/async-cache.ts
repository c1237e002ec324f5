import { evictLeastRecent, LruMap } from './lru-map'

type Entry<V> = { value: Promise<V>; bytes: number }

/** Values that are loaded once, also when several callers need one at the same time. Bounded by bytes. */
export class AsyncCache<V> {
  readonly #entries = new LruMap<string, Entry<V>>()
  readonly #limitBytes: number
  readonly #bytesOf: (value: V) => number

  constructor(limitBytes: number, bytesOf: (value: V) => number) {
    this.#limitBytes = limitBytes
    this.#bytesOf = bytesOf
  }

  async get(key: string, load: () => Promise<V>): Promise<V> {
    const cached = this.#entries.get(key)
    if (cached) return cached.value
    const entry: Entry<V> = { value: load(), bytes: 0 }
    this.#entries.set(key, entry)
    try {
      const value = await entry.value
      entry.bytes = this.#bytesOf(value)
      evictLeastRecent(this.#entries, this.#limitBytes, ({ bytes }) => bytes)
      return value
    } catch (error) {
      // A failed attempt is not cached: the next one may succeed.
      if (this.#entries.peek(key) === entry) this.#entries.delete(key)
      throw error
    }
  }
}
