import 'server-only'
import { hash } from 'node:crypto'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { OperationResult } from './serve-operation'

/** Which snapshots a response contains: all, or those that a branch or tag references. */
export type SnapshotMode = 'all' | 'refs'

/**
 * Clients load the same metadata again and again, and a metadata file never changes, so its JSON is built once. The
 * entry lives as long as the metadata object, which the catalog caches.
 */
const jsonByMetadata = new WeakMap<TableMetadata, Partial<Record<SnapshotMode, Buffer>>>()

/**
 * A response with a whole table, as of `loadTable` and `createTable`. Spec: REST `open-api`, schema `LoadTableResult`.
 */
export function toLoadTableResult(
  table: Pick<LoadedTable, 'metadata'> & { metadataLocation: string | null },
  { mode = 'all', config = {} }: { mode?: SnapshotMode; config?: Readonly<Record<string, string>> } = {},
): OperationResult {
  const { metadata, metadataLocation } = table
  return {
    // The metadata is already serialized, so the JSON is built from parts.
    jsonParts: [
      `{"metadata-location":${JSON.stringify(metadataLocation)},"metadata":`,
      metadataJson(metadata, mode),
      `,"config":${stringifyExactJson(config)}}`,
    ],
    headers: metadataLocation === null ? {} : { etag: tableEtag(metadataLocation, mode) },
  }
}

/** The response of a commit, which has no configuration. Spec: schema `CommitTableResponse`. */
export function toCommitTableResponse({ metadata, metadataLocation }: LoadedTable): OperationResult {
  return {
    jsonParts: [
      `{"metadata-location":${JSON.stringify(metadataLocation)},"metadata":`,
      metadataJson(metadata, 'all'),
      '}',
    ],
    headers: { etag: tableEtag(metadataLocation, 'all') },
  }
}

/** An ETag that differs for each metadata file and snapshot mode. */
export function tableEtag(metadataLocation: string, mode: SnapshotMode): string {
  const digest = hash('sha256', `${mode}\n${metadataLocation}`, 'base64url')
  return `"${digest.slice(0, 27)}"`
}

function metadataJson(metadata: TableMetadata, mode: SnapshotMode): Buffer {
  const cached = jsonByMetadata.get(metadata) ?? {}
  const text =
    cached[mode] ?? Buffer.from(writeTableMetadata(mode === 'all' ? metadata : withReferencedSnapshots(metadata)))
  jsonByMetadata.set(metadata, { ...cached, [mode]: text })
  return text
}

/** The snapshot log stays complete. A client that needs an older snapshot loads all of them. */
function withReferencedSnapshots(metadata: TableMetadata): TableMetadata {
  const referenced = new Set(Object.values(metadata.refs).map(({ snapshotId }) => snapshotId))
  return { ...metadata, snapshots: metadata.snapshots.filter(({ snapshotId }) => referenced.has(snapshotId)) }
}
