import 'server-only'
import { hash } from 'node:crypto'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import type { OperationResult } from './serve-operation'

/** Which snapshots an answer holds: all of them, or those that a branch or tag names. */
export type SnapshotMode = 'all' | 'refs'

/**
 * Metadata is the same for as long as its file is, and a client asks for it again and again: its JSON is made once.
 * It goes with the metadata it was made of, which the catalog keeps for a while.
 */
const jsonByMetadata = new WeakMap<TableMetadata, Partial<Record<SnapshotMode, Buffer>>>()

/** A table as `loadTable` and every commit answer it. Spec: REST `open-api`, schema `LoadTableResult`. */
export function toLoadTableResult(
  table: Pick<LoadedTable, 'metadata'> & { metadataLocation: string | null },
  { mode = 'all', config = {} }: { mode?: SnapshotMode; config?: Readonly<Record<string, string>> } = {},
): OperationResult {
  const { metadata, metadataLocation } = table
  return {
    // In the order in which they are written: the metadata is text already.
    jsonParts: [
      `{"metadata-location":${JSON.stringify(metadataLocation)},"metadata":`,
      metadataJson(metadata, mode),
      `,"config":${stringifyExactJson(config)}}`,
    ],
    headers: metadataLocation === null ? {} : { etag: tableEtag(metadataLocation, mode) },
  }
}

/** As a commit answers: without the configuration. Spec: schema `CommitTableResponse`. */
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

/** Tells versions apart by their metadata file, and the two modes from one another. */
export function tableEtag(metadataLocation: string, mode: SnapshotMode): string {
  const digest = hash('sha256', `${mode}\n${metadataLocation}`, 'base64url')
  return `"${digest.slice(0, 27)}"`
}

/** Whether `If-None-Match` names the tag: a list, or anything. */
export function hasMatchingEtag(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}

function metadataJson(metadata: TableMetadata, mode: SnapshotMode): Buffer {
  const cached = jsonByMetadata.get(metadata) ?? {}
  const text =
    cached[mode] ?? Buffer.from(writeTableMetadata(mode === 'all' ? metadata : withReferencedSnapshots(metadata)))
  jsonByMetadata.set(metadata, { ...cached, [mode]: text })
  return text
}

/** The history log stays: a client that asks for an older snapshot loads them all then. */
function withReferencedSnapshots(metadata: TableMetadata): TableMetadata {
  const referenced = new Set(Object.values(metadata.refs).map(({ snapshotId }) => snapshotId))
  return { ...metadata, snapshots: metadata.snapshots.filter(({ snapshotId }) => referenced.has(snapshotId)) }
}
