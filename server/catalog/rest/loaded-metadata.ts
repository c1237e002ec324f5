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
const KEPT = new KeptByBytes<TaggedMetadata>({ maxBytes: 64 * 1024 * 1024 })
/** A tag is sent in a header, which servers want to be short. */
const LONGEST_TAG = 1_000

let clients = 0

/** What one client was answered; no other sees it, since another may be somebody else. */
export function loadedMetadata() {
  const client = (clients += 1)
  const keyOf = ({ namespace, table }: TableRef) => JSON.stringify([client, ...namespace, table])
  return {
    get: (ref: TableRef): TaggedMetadata | null => KEPT.get(keyOf(ref)) ?? null,
    /** @param chars of the answer */
    keep(
      ref: TableRef,
      // Whoever loaded it has a store besides, with what was handed out for the files: it is not kept.
      { metadataLocation, metadata }: Omit<TaggedMetadata, 'etag'>,
      { etag, chars }: { etag: string | null; chars: number },
    ) {
      if (etag === null || etag.length > LONGEST_TAG) KEPT.forget(keyOf(ref))
      else KEPT.set(keyOf(ref), { etag, metadataLocation, metadata }, chars)
    },
    forget: (ref: TableRef): void => KEPT.forget(keyOf(ref)),
  }
}

export type LoadedMetadata = ReturnType<typeof loadedMetadata>
