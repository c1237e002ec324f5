import 'server-only'
import { LRUCache } from 'lru-cache'
import type { PolledTable } from './polled-table'

/** The ETag of the version that the history of a table has. `readAtMs`: of the response that had it, by `elapsedMs`. */
type TableTag = { etag: string; readAtMs: number }

/** For all catalogs together. An ETag has some 40 to 70 characters, so it has room for half a million tables. */
const MAX_CHARS = 32 * 1024 * 1024

/** The ETags that this process has received. A table whose ETag is no longer cached is read again. */
export class EtagCache {
  readonly #tags = new LRUCache<PolledTable, TableTag>({
    maxSize: MAX_CHARS,
    sizeCalculation: ({ etag }) => etag.length + 1,
  })

  find(table: PolledTable): TableTag | null {
    return this.#tags.get(table) ?? null
  }

  set(table: PolledTable, etag: string | null, readAtMs: number): void {
    if (etag === null) this.#tags.delete(table)
    else this.#tags.set(table, { etag, readAtMs })
  }

  forget(table: PolledTable): void {
    this.#tags.delete(table)
  }
}
