import 'server-only'
import type { CatalogClient } from './catalog-client'

/** Of which connection as it is at which version, and with whose credentials; null: those of the connection. */
export type ClientKey = { connectionId: string; version: number; credentialsId: string | null }

/** Each holds a token and what its catalog says of itself; the longest unused is given up first. */
const MAX_CLIENTS = 100

type Kept = ClientKey & { client: Promise<CatalogClient> }

/** Clients of connections, kept from request to request. One of an older version is never given out again. */
export class KeptClients {
  readonly #byKey = new Map<string, Kept>()

  /** The one that is kept, or one made now; all who ask meanwhile share it. One that could not be made is not kept. */
  get(key: ClientKey, make: () => Promise<CatalogClient>): Promise<CatalogClient> {
    const text = textOf(key)
    const known = this.#byKey.get(text)
    const client = known?.client ?? this.#made(text, make)
    this.#byKey.delete(text)
    this.#byKey.set(text, { ...key, client })
    for (const [other, { connectionId, version }] of this.#byKey) {
      const isOutdated = connectionId === key.connectionId && version < key.version
      if (isOutdated || this.#byKey.size > MAX_CLIENTS) this.#byKey.delete(other)
    }
    return client
  }

  /** The one that is kept; undefined where there is none. */
  find(key: ClientKey): Promise<CatalogClient> | undefined {
    return this.#byKey.get(textOf(key))?.client
  }

  async #made(text: string, make: () => Promise<CatalogClient>): Promise<CatalogClient> {
    try {
      return await make()
    } catch (error) {
      this.#byKey.delete(text)
      throw error
    }
  }
}

function textOf({ connectionId, version, credentialsId }: ClientKey): string {
  return JSON.stringify([connectionId, version, credentialsId])
}
