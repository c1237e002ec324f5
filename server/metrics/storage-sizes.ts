import 'server-only'

/** Bytes of a table's files at a snapshot, before and after compression; null where a file does not tell. */
export type Sizes = { plainBytes: number | null; storedBytes: number | null }

const MAX_KEPT = 20_000

/** Sizes of past states of tables, which never change, so what was read once is kept. */
export class StorageSizes {
  readonly #byState = new Map<string, Sizes>()

  get(state: string): Sizes | null {
    return this.#byState.get(state) ?? null
  }

  keep(state: string, sizes: Sizes): void {
    const [oldest] = this.#byState.keys()
    if (this.#byState.size >= MAX_KEPT && oldest !== undefined) this.#byState.delete(oldest)
    this.#byState.set(state, sizes)
  }
}
