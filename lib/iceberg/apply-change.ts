import { AppError } from '@/lib/errors'
import {
  addSchema,
  addSortOrder,
  addSpec,
  requireLayoutHolds,
  setCurrentSchema,
  setDefaultSortOrder,
  setDefaultSpec,
} from './layout-updates'
import type { CommitSoFar, MetadataDraft } from './metadata-draft'
import { withoutTrailingSlash } from './metadata-json'
import { addSnapshot, removeRef, removeSnapshots, setRef, tidySnapshotLog } from './snapshot-updates'
import type { MetadataLogEntry, TableMetadata } from './table-metadata'
import type { TableUpdate } from './table-update'

export { checkRequirements } from './update-requirement'

/**
 * A commit, applied to metadata in memory: what the table looks like after it.
 *
 * Spec: REST `open-api`, schema `TableUpdate`.
 */

const PREVIOUS_VERSIONS_PROPERTY = 'write.metadata.previous-versions-max'
const PREVIOUS_VERSIONS_DEFAULT = 100

/**
 * The metadata after the updates, in their order; `metadata` itself where they change nothing. The metadata log is
 * the catalog's to append to, see {@link appendMetadataLog}.
 *
 * @throws {AppError} invalid-request, commit-conflict (a sequence number is taken) or not-supported
 */
export function applyUpdates(
  metadata: TableMetadata,
  updates: readonly TableUpdate[],
  { nowMs }: { nowMs: number },
): TableMetadata {
  const draft: MetadataDraft = { ...metadata }
  const commit: CommitSoFar = {
    committedAtMs: Math.max(nowMs, metadata.lastUpdatedMs),
    lastAddedSchemaId: null,
    lastAddedSpecId: null,
    lastAddedSortOrderId: null,
    addedSnapshotIds: new Set(),
    hasRemovedSnapshots: false,
  }
  for (const update of updates) applyUpdate(draft, commit, update)
  tidySnapshotLog(draft, commit)
  if (isUnchanged(draft, metadata)) return metadata
  requireLayoutHolds(draft, metadata)
  return { ...draft, lastUpdatedMs: commit.committedAtMs }
}

/**
 * Records the metadata file that a commit replaces. The oldest entries go beyond `write.metadata.previous-versions-max`
 * (100 where it is not set).
 *
 * @param previous the replaced file and its metadata's `lastUpdatedMs`
 */
export function appendMetadataLog(
  metadata: TableMetadata,
  previous: { metadataFile: string; timestampMs: number },
): TableMetadata {
  const entry: MetadataLogEntry = { timestampMs: previous.timestampMs, metadataFile: previous.metadataFile }
  return { ...metadata, metadataLog: [...metadata.metadataLog, entry].slice(-previousVersionsMax(metadata)) }
}

function applyUpdate(draft: MetadataDraft, commit: CommitSoFar, update: TableUpdate): void {
  switch (update.action) {
    case 'assign-uuid':
      if (update.uuid.toLowerCase() === draft.tableUuid.toLowerCase()) return
      throw new AppError('invalid-request', 'A table keeps the uuid it was created with')
    case 'upgrade-format-version':
      return upgradeFormatVersion(draft, update.formatVersion)
    case 'add-schema':
      return addSchema(draft, commit, update.schema)
    case 'set-current-schema':
      return setCurrentSchema(draft, commit, update.schemaId)
    case 'add-spec':
      return addSpec(draft, commit, update.spec)
    case 'set-default-spec':
      return setDefaultSpec(draft, commit, update.specId)
    case 'add-sort-order':
      return addSortOrder(draft, commit, update.sortOrder)
    case 'set-default-sort-order':
      return setDefaultSortOrder(draft, commit, update.sortOrderId)
    case 'add-snapshot':
      return addSnapshot(draft, commit, update.snapshot)
    case 'set-snapshot-ref': {
      const { action: _, refName, ...ref } = update
      return setRef(draft, commit, refName, ref)
    }
    case 'remove-snapshots':
      return removeSnapshots(draft, commit, update.snapshotIds)
    case 'remove-snapshot-ref':
      return removeRef(draft, update.refName)
    case 'set-location':
      draft.location = withoutTrailingSlash(update.location)
      return
    case 'set-properties':
      return setProperties(draft, update.updates)
    case 'remove-properties':
      return removeProperties(draft, update.removals)
    default:
      throw new AppError('not-supported', `Lakeshore cannot apply the update ${update.action} yet`)
  }
}

function upgradeFormatVersion(draft: MetadataDraft, formatVersion: number): void {
  if (formatVersion === draft.formatVersion) return
  if (formatVersion < draft.formatVersion) {
    throw new AppError(
      'invalid-request',
      `A table of format version ${draft.formatVersion} cannot go back to ${formatVersion}`,
    )
  }
  if (formatVersion !== 2) {
    throw new AppError('not-supported', `Lakeshore cannot upgrade a table to format version ${formatVersion}`)
  }
  draft.formatVersion = formatVersion
}

function setProperties(draft: MetadataDraft, updates: Readonly<Record<string, string>>): void {
  const changed = Object.entries(updates).filter(
    ([key, value]) => !Object.hasOwn(draft.properties, key) || draft.properties[key] !== value,
  )
  if (changed.length > 0) draft.properties = { ...draft.properties, ...Object.fromEntries(changed) }
}

function removeProperties(draft: MetadataDraft, removals: readonly string[]): void {
  const kept = Object.entries(draft.properties).filter(([key]) => !removals.includes(key))
  if (kept.length < Object.keys(draft.properties).length) draft.properties = Object.fromEntries(kept)
}

function isUnchanged(draft: MetadataDraft, metadata: TableMetadata): boolean {
  return (Object.keys(draft) as (keyof TableMetadata)[]).every((field) => draft[field] === metadata[field])
}

/** A value that is no number counts as not set, as it does for other writers; at least the last file is kept. */
function previousVersionsMax({ properties }: TableMetadata): number {
  const text = Object.hasOwn(properties, PREVIOUS_VERSIONS_PROPERTY)
    ? properties[PREVIOUS_VERSIONS_PROPERTY]
    : undefined
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.max(1, Number(text)) : PREVIOUS_VERSIONS_DEFAULT
}
