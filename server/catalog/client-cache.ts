import 'server-only'
import { LRUCache } from 'lru-cache'
import type { CatalogClient } from './port/catalog-client'

/** A connection at one version, and the credentials that its client uses; null: those of the connection. */
export type ClientKey = { connectionId: string; version: number; credentialsId: string | null }

/** Each client holds a token and its catalog's configuration. The cache drops the least recently used one first. */
const MAX_CLIENTS = 100

type CacheEntry = ClientKey & { client: Promise<CatalogClient> }

/** Caches clients of connections between requests. It never returns a client of an older connection version. */
export class ClientCache {
  readonly #byKey = new LRUCache<string, CacheEntry>({ max: MAX_CLIENTS })

  /**
   * Returns the cached client or creates one. Concurrent callers share it. A client whose creation fails is not cached.
   */
  get(key: ClientKey, create: () => Promise<CatalogClient>): Promise<CatalogClient> {
    const keyText = toKeyText(key)
    const cached = this.#byKey.get(keyText)
    if (cached) return cached.client
    const client = this.#create(keyText, create)
    this.#byKey.set(keyText, { ...key, client })
    const outdated = [...this.#byKey.entries()].filter(
      ([, other]) => other.connectionId === key.connectionId && other.version < key.version,
    )
    for (const [otherKeyText] of outdated) this.#byKey.delete(otherKeyText)
    return client
  }

  /** Returns the cached client, or undefined. */
  find(key: ClientKey): Promise<CatalogClient> | undefined {
    return this.#byKey.peek(toKeyText(key))?.client
  }

  async #create(keyText: string, create: () => Promise<CatalogClient>): Promise<CatalogClient> {
    try {
      return await create()
    } catch (error) {
      this.#byKey.delete(keyText)
      throw error
    }
  }
}

function toKeyText({ connectionId, version, credentialsId }: ClientKey): string {
  return JSON.stringify([connectionId, version, credentialsId])
}
