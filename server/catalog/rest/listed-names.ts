import 'server-only'
import { LRUCache } from 'lru-cache'
import type { Namespace } from '@/lib/names/identifiers'
import type { ListNamespacesOptions } from '../port/catalog-lists'

/** The names of a namespace with 10,000 entries of each kind, twice. */
const MAX_NAMES = 60_000

type List = { items: readonly unknown[]; readAtMs: number; isTruncated: boolean; unaddressable: readonly Namespace[] }

/**
 * The names that one client of a catalog listed lately, so that each letter of a filter does not read all pages of a
 * namespace again. A client has the credentials of one reader, and grants are applied to what it returns, so the cache
 * shows no reader the list of another one. Only callers that accept an age use it, and a write of this client empties it.
 */
export class ListedNames {
  readonly #lists = new LRUCache<string, List>({ maxSize: MAX_NAMES, sizeCalculation: ({ items }) => items.length + 1 })
  readonly #nowMs: () => number
  #writeCount = 0

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Returns the list that was read within `maxAgeMs`, and otherwise reads it. */
  async read<Item, Options extends ListNamespacesOptions>(
    list: 'namespaces' | 'tables' | 'views',
    of: Namespace | null,
    options: Options,
    fetch: (options: Options) => Promise<Item[]>,
  ): Promise<Item[]> {
    const { maxAgeMs, maxRemoteNames, includesUnshown } = options
    if (maxAgeMs === undefined) return fetch(options)
    const key = JSON.stringify([list, of, maxRemoteNames, includesUnshown])
    const cached = this.#lists.get(key)
    if (cached && this.#nowMs() - cached.readAtMs < maxAgeMs) {
      if (cached.isTruncated) options.onTruncated?.()
      if (cached.unaddressable.length > 0) options.onUnaddressable?.(cached.unaddressable)
      return [...(cached.items as readonly Item[])]
    }
    const writeCount = this.#writeCount
    const readAtMs = this.#nowMs()
    let isTruncated = false
    const unaddressable: Namespace[] = []
    const items = await fetch({
      ...options,
      onTruncated() {
        isTruncated = true
        options.onTruncated?.()
      },
      onUnaddressable(namespaces: readonly Namespace[]) {
        unaddressable.push(...namespaces)
        options.onUnaddressable?.(namespaces)
      },
    })
    // A list that was requested before a write may lack what it wrote.
    if (writeCount === this.#writeCount) this.#lists.set(key, { items, readAtMs, isTruncated, unaddressable })
    return [...items]
  }

  /** Forgets all lists, because a write may have changed them. */
  clear(): void {
    this.#writeCount += 1
    this.#lists.clear()
  }
}
