import 'server-only'
import type { SnapshotReader } from '@/lib/iceberg/operations/operation'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { createManifestSource } from '../files/live-files'
import type { ManifestCache } from '../manifest-cache'
import { snapshotReader } from './run-operation'

/**
 * Reads manifests through the cache and in its turns, for operations that read all files of a branch: the review has
 * usually read them, and decoding many does not block the process.
 */
export function createCachedSnapshotReader(
  manifestCache: ManifestCache,
  table: LoadedTable,
  signal?: AbortSignal,
): SnapshotReader {
  const { store } = table
  // The metadata is that of each attempt: newer schemas are another scope of the cache.
  const sourceOf = (metadata: TableMetadata) =>
    createManifestSource(manifestCache, { ...table, metadata }, { store, ...(signal && { signal }) })
  return snapshotReader(sourceOf)
}
