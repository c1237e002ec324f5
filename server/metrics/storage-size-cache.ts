import 'server-only'

/** Bytes of a table's files at a snapshot, before and after compression; null when the size of a file is unknown. */
export type StoredSizes = { plainBytes: number | null; storedBytes: number | null }

const MAX_ENTRIES = 20_000

/** Sizes of past table states. These never change, so each is read once. */
export class StorageSizeCache {
  readonly #byState = new Map<string, StoredSizes>()

  get(state: string): StoredSizes | null {
    return this.#byState.get(state) ?? null
  }

  set(state: string, sizes: StoredSizes): void {
    const [oldest] = this.#byState.keys()
    if (this.#byState.size >= MAX_ENTRIES && oldest !== undefined) this.#byState.delete(oldest)
    this.#byState.set(state, sizes)
  }
}
