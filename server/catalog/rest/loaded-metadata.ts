import 'server-only'
import type { TableRef } from '@/lib/iceberg/identifiers'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import { KeptByBytes } from '@/lib/kept-by-bytes'

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
const LONGEST_TAG = 1_000

/** The answers of all catalogs, within one bound. */
export class LoadedMetadataCache {
  readonly #cache = new KeptByBytes<TaggedMetadata>({ maxBytes: MAX_BYTES })
  #clientCount = 0

  /** What one client was answered; no other sees it, since another may be somebody else. */
  ofClient(): LoadedMetadata {
    const client = (this.#clientCount += 1)
    const keyOf = ({ namespace, table }: TableRef) => JSON.stringify([client, ...namespace, table])
    return {
      get: (ref) => this.#cache.get(keyOf(ref)) ?? null,
      // Whoever loaded it has a store besides, with what was handed out for the files: it is not kept.
      keep: (ref, { metadataLocation, metadata }, { etag, chars }) => {
        if (etag === null || etag.length > LONGEST_TAG) this.#cache.forget(keyOf(ref))
        else this.#cache.set(keyOf(ref), { etag, metadataLocation, metadata }, chars)
      },
      forget: (ref) => this.#cache.forget(keyOf(ref)),
    }
  }
}

export type LoadedMetadata = {
  get(ref: TableRef): TaggedMetadata | null
  /** @param answered with `chars`, the length of the answer */
  keep(ref: TableRef, loaded: Omit<TaggedMetadata, 'etag'>, answered: { etag: string | null; chars: number }): void
  forget(ref: TableRef): void
}
