import 'server-only'

/** Bytes of a table's files at a snapshot, before and after compression; null where a file does not tell. */
export type StoredSizes = { plainBytes: number | null; storedBytes: number | null }

const MAX_ENTRIES = 20_000

/** Sizes of past states of tables, which never change, so what was read once is kept. */
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
