import 'server-only'
import { LRUCache } from 'lru-cache'
import type { CatalogClient } from './catalog-client'

/** Of which connection as it is at which version, and with whose credentials; null: those of the connection. */
export type ClientKey = { connectionId: string; version: number; credentialsId: string | null }

/** Each holds a token and what its catalog says of itself; the longest unused is given up first. */
const MAX_CLIENTS = 100

type CacheEntry = ClientKey & { client: Promise<CatalogClient> }

/** Clients of connections, kept from request to request. One of an older version is never given out again. */
export class ClientCache {
  readonly #byKey = new LRUCache<string, CacheEntry>({ max: MAX_CLIENTS })

  /** The one that is kept, or one made now; all who ask meanwhile share it. One that could not be made is not kept. */
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

  /** The one that is kept; undefined where there is none. */
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
