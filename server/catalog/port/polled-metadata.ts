import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { RequestOptions } from './request-options'

/** The metadata of a table without access to its files, or that it has not changed since the version of an ETag. */
export type PolledMetadata =
  | { isUnchanged: true }
  | {
      isUnchanged: false
      metadata: TableMetadata
      /** Null when the catalog does not name the file. */
      metadataLocation: string | null
      /** Names this version in the next poll; null when the catalog gives none, or one that is too long to store. */
      etag: string | null
      /** How much was read for it, in bytes or characters of the decompressed text. */
      sizeBytes: number
    }

/** @param options.etag of the version that the caller has; null reads the metadata in any case */
export type PollMetadata = (
  identifier: TableIdentifier,
  options: RequestOptions & { etag: string | null },
) => Promise<PolledMetadata>
