import { applyUpdatesToDraft, lastUpdatedMs } from './apply-to-draft'
import { requireValidLayout } from './layout-updates'
import type { MetadataDraft } from './metadata-draft'
import { requireReadableMetadata } from '../metadata/readable-metadata'
import { requireSupportedFormat } from '../metadata/supported-format'
import type { MetadataLogEntry, TableMetadata } from '../metadata/table-metadata'
import type { TableUpdate } from './table-update'

export { checkRequirements } from './check-requirements'

/**
 * Applies a commit to metadata in memory and returns the table's metadata after it.
 *
 * Spec: REST `open-api`, schema `TableUpdate`; where it is silent, as the reference implementation.
 */

const PREVIOUS_VERSIONS_PROPERTY = 'write.metadata.previous-versions-max'
const DEFAULT_MAX_PREVIOUS_VERSIONS = 100

/**
 * The metadata after the updates, in their order; `metadata` itself if they change nothing. The catalog appends to the
 * metadata log, see {@link appendMetadataLog}.
 *
 * @throws {AppError} format-unsupported; invalid-request; commit-conflict (a sequence number, row id or field id has been taken)
 */
export function applyUpdates(
  metadata: TableMetadata,
  updates: readonly TableUpdate[],
  { nowMs }: { nowMs: number },
): TableMetadata {
  requireSupportedFormat(metadata)
  const { draft, commit } = applyUpdatesToDraft({ ...metadata }, updates, nowMs)
  if (isUnchanged(draft, metadata)) return metadata
  requireValidLayout(draft, metadata)
  const updated = { ...draft, lastUpdatedMs: lastUpdatedMs(draft, commit) }
  requireReadableMetadata(updated, metadata)
  return updated
}

/**
 * Records the metadata file that a commit replaces. The oldest entries beyond `write.metadata.previous-versions-max`
 * (default 100) are dropped.
 *
 * @param previous the replaced file and its metadata's `lastUpdatedMs`
 */
export function appendMetadataLog(
  metadata: TableMetadata,
  previous: { metadataFile: string; timestampMs: number },
): TableMetadata {
  const entry: MetadataLogEntry = { timestampMs: previous.timestampMs, metadataFile: previous.metadataFile }
  return { ...metadata, metadataLog: [...metadata.metadataLog, entry].slice(-maxPreviousVersions(metadata)) }
}

function isUnchanged(draft: MetadataDraft, metadata: TableMetadata): boolean {
  return (Object.keys(draft) as (keyof TableMetadata)[]).every((field) => draft[field] === metadata[field])
}

/** A value that is not a number counts as not set, as it does for other writers. At least the last file is retained. */
function maxPreviousVersions({ properties }: TableMetadata): number {
  const text = Object.hasOwn(properties, PREVIOUS_VERSIONS_PROPERTY)
    ? properties[PREVIOUS_VERSIONS_PROPERTY]
    : undefined
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.max(1, Number(text)) : DEFAULT_MAX_PREVIOUS_VERSIONS
}
