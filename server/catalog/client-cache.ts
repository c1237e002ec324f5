import 'server-only'
import type { CatalogClient } from './catalog-client'

/** Of which connection as it is at which version, and with whose credentials; null: those of the connection. */
export type ClientKey = { connectionId: string; version: number; credentialsId: string | null }

/** Each holds a token and what its catalog says of itself; the longest unused is given up first. */
const MAX_CLIENTS = 100

type CacheEntry = ClientKey & { client: Promise<CatalogClient> }

/** Clients of connections, kept from request to request. One of an older version is never given out again. */
export class ClientCache {
  readonly #byKey = new Map<string, CacheEntry>()

  /** The one that is kept, or one made now; all who ask meanwhile share it. One that could not be made is not kept. */
  get(key: ClientKey, create: () => Promise<CatalogClient>): Promise<CatalogClient> {
    const keyText = toKeyText(key)
    const cached = this.#byKey.get(keyText)
    const client = cached?.client ?? this.#create(keyText, create)
    this.#byKey.delete(keyText)
    this.#byKey.set(keyText, { ...key, client })
    for (const [otherKeyText, { connectionId, version }] of this.#byKey) {
      const isOutdated = connectionId === key.connectionId && version < key.version
      if (isOutdated || this.#byKey.size > MAX_CLIENTS) this.#byKey.delete(otherKeyText)
    }
    return client
  }

  /** The one that is kept; undefined where there is none. */
  find(key: ClientKey): Promise<CatalogClient> | undefined {
    return this.#byKey.get(toKeyText(key))?.client
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
