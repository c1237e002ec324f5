import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { LRUCache } from 'lru-cache'

/**
 * Metadata from a catalog's response, with the ETag of its version. Every load asks the catalog whether the version is
 * still current, so that the catalog need not send it again. Vended config is not cached here, because it expires.
 *
 * Spec: REST `open-api`, operation `loadTable`, header `If-None-Match`.
 */
export type TaggedMetadata = { etag: string; metadataLocation: string; metadata: TableMetadata }

/** Shared by all connections and people. */
const MAX_BYTES = 64 * 1024 * 1024
/** An ETag is sent in a header, and servers limit the length of headers. */
const MAX_ETAG_CHARS = 1_000

/** Caches metadata from the responses of all catalogs, within one memory limit. */
export class LoadedMetadataCache {
  readonly #cache = new LRUCache<string, TaggedMetadata>({ maxSize: MAX_BYTES })
  #clientCount = 0

  /** The cache of one client. Clients do not share entries, because they may belong to different people. */
  forClient(): ClientMetadataCache {
    const client = (this.#clientCount += 1)
    const keyOf = ({ namespace, table }: TableIdentifier) => JSON.stringify([client, ...namespace, table])
    return {
      get: (identifier) => this.#cache.get(keyOf(identifier)) ?? null,
      // The caller's `LoadedTable` also has a store with vended credentials, which must not be cached.
      set: (identifier, { metadataLocation, metadata }, { etag, chars }) => {
        if (etag === null || etag.length > MAX_ETAG_CHARS) this.#cache.delete(keyOf(identifier))
        else this.#cache.set(keyOf(identifier), { etag, metadataLocation, metadata }, { size: chars })
      },
      forget: (identifier) => this.#cache.delete(keyOf(identifier)),
    }
  }
}

export type ClientMetadataCache = {
  get(identifier: TableIdentifier): TaggedMetadata | null
  /** @param response its ETag and `chars`, the length of its body */
  set(
    identifier: TableIdentifier,
    loaded: Omit<TaggedMetadata, 'etag'>,
    response: { etag: string | null; chars: number },
  ): void
  forget(identifier: TableIdentifier): void
}
