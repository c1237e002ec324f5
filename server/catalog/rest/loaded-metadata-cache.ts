import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { LRUCache } from 'lru-cache'

/**
 * Metadata from a catalog's response, with the ETag of its version. Every load asks the catalog whether the version is
 * still current, so that the catalog need not send it again. Vended config is not cached here, because it expires.
 *
 * `isRestricted`: whether the response restricted reads. An ETag identifies the metadata only, so a 304 does not say
 * whether that is still so. `receivedAtMs`: the time of the response.
 *
 * Spec: REST `open-api`, operation `loadTable`, header `If-None-Match`.
 */
export type TaggedMetadata = {
  etag: string
  metadataLocation: string
  metadata: TableMetadata
  isRestricted: boolean
  receivedAtMs: number
}

/** Shared by all connections and people. */
const MAX_BYTES = 64 * 1024 * 1024
/** An ETag is sent in a header, and servers limit the length of headers. */
export const MAX_ETAG_CHARS = 1_000

/** Caches metadata from the responses of all catalogs, within one memory limit. */
export class LoadedMetadataCache {
  readonly #cache = new LRUCache<string, TaggedMetadata>({ maxSize: MAX_BYTES })
  #clientCount = 0

  /** The cache of one client. Clients do not share entries, because they may belong to different people. */
  forClient(): ClientMetadataCache {
    const client = (this.#clientCount += 1)
    const cache = this.#cache
    const keyOf = ({ namespace, table }: TableIdentifier) => JSON.stringify([client, ...namespace, table])
    return {
      get: (identifier) => cache.get(keyOf(identifier)) ?? null,
      // The caller's `LoadedTable` also has a store with vended credentials, which must not be cached.
      set(identifier, { metadataLocation, metadata }, { etag, chars, isRestricted, receivedAtMs }) {
        if (etag === null || etag.length > MAX_ETAG_CHARS) cache.delete(keyOf(identifier))
        else
          cache.set(
            keyOf(identifier),
            { etag, metadataLocation, metadata, isRestricted, receivedAtMs },
            { size: chars },
          )
      },
      forget: (identifier) => cache.delete(keyOf(identifier)),
    }
  }
}

export type ClientMetadataCache = {
  get(identifier: TableIdentifier): TaggedMetadata | null
  /** @param response `chars` is the length of its body */
  set(
    identifier: TableIdentifier,
    loaded: Pick<TaggedMetadata, 'metadataLocation' | 'metadata'>,
    response: { etag: string | null; chars: number } & Pick<TaggedMetadata, 'isRestricted' | 'receivedAtMs'>,
  ): void
  forget(identifier: TableIdentifier): void
}
