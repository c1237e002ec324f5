import 'server-only'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { LRUCache } from 'lru-cache'

/**
 * Metadata as a catalog answered it, with the tag of that version: the catalog is asked each time whether it is still
 * the one, and need not send it again. What is handed out for the files is not kept here, it ends.
 *
 * Spec: REST `open-api`, operation `loadTable`, header `If-None-Match`.
 */
export type TaggedMetadata = { etag: string; metadataLocation: string; metadata: TableMetadata }

/** Of all connections and people together. */
const MAX_BYTES = 64 * 1024 * 1024
/** A tag is sent in a header, which servers want to be short. */
const MAX_ETAG_LENGTH = 1_000

/** The answers of all catalogs, within one bound. */
export class LoadedMetadataCache {
  readonly #cache = new LRUCache<string, TaggedMetadata>({ maxSize: MAX_BYTES })
  #clientCount = 0

  /** What one client was answered; no other sees it, since another may be somebody else. */
  forClient(): ClientMetadataCache {
    const client = (this.#clientCount += 1)
    const keyOf = ({ namespace, table }: TableIdentifier) => JSON.stringify([client, ...namespace, table])
    return {
      get: (identifier) => this.#cache.get(keyOf(identifier)) ?? null,
      // Whoever loaded it has a store besides, with what was handed out for the files: it is not kept.
      set: (identifier, { metadataLocation, metadata }, { etag, chars }) => {
        if (etag === null || etag.length > MAX_ETAG_LENGTH) this.#cache.delete(keyOf(identifier))
        else this.#cache.set(keyOf(identifier), { etag, metadataLocation, metadata }, { size: chars })
      },
      forget: (identifier) => this.#cache.delete(keyOf(identifier)),
    }
  }
}

export type ClientMetadataCache = {
  get(identifier: TableIdentifier): TaggedMetadata | null
  /** @param response with `chars`, the length of the answer */
  set(
    identifier: TableIdentifier,
    loaded: Omit<TaggedMetadata, 'etag'>,
    response: { etag: string | null; chars: number },
  ): void
  forget(identifier: TableIdentifier): void
}
