import 'server-only'
import { LRUCache } from 'lru-cache'

/** Bytes of a table's files at a snapshot, before and after compression; null when the size of a file is unknown. */
export type StoredSizes = { plainBytes: number | null; storedBytes: number | null }

const MAX_ENTRIES = 20_000

/** Sizes of past table states. These never change, so each is read once. */
export class StorageSizeCache {
  readonly #byState = new LRUCache<string, StoredSizes>({ max: MAX_ENTRIES })

  get(state: string): StoredSizes | null {
    return this.#byState.get(state) ?? null
  }

  set(state: string, sizes: StoredSizes): void {
    this.#byState.set(state, sizes)
  }
}
