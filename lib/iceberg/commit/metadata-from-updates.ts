import { AppError } from '@/lib/errors'
import { applyUpdatesToDraft, lastUpdatedMs } from './apply-to-draft'
import { requireValidLayout } from './layout-updates'
import type { MetadataDraft } from './metadata-draft'
import { FIRST_PARTITION_FIELD_ID } from '../partitioning/partition-spec-json'
import { propertyValue } from '../properties/property-value'
import { requireReadableMetadata } from '../metadata/readable-metadata'
import { parseFormatVersion, toFormatVersion } from './property-updates'
import type { TableMetadata } from '../metadata/table-metadata'
import { FORMAT_VERSION_PROPERTY } from '../properties/table-properties'
import type { TableUpdate } from './table-update'

const DEFAULT_FORMAT_VERSION = 2

/**
 * The first metadata of a table that a commit with `assert-create` creates. The ids are those the client received when
 * it staged the table.
 *
 * @param tableUuid used if the updates assign none
 * @throws {AppError} invalid-request, also if the location, schema, partition spec or sort order is missing
 */
export function metadataFromUpdates(
  updates: readonly TableUpdate[],
  { nowMs, tableUuid = '' }: { nowMs: number; tableUuid?: string },
): TableMetadata {
  // The table starts in its requested version: starting lower and upgrading would number partition fields as v1 does.
  const { draft, commit } = applyUpdatesToDraft(emptyMetadata(requestedFormatVersion(updates)), updates, nowMs)
  if (draft.tableUuid === '') draft.tableUuid = tableUuid
  if (draft.tableUuid === '') throw new AppError('invalid-request', 'The commit gives the new table no uuid')
  if (draft.location === '') throw new AppError('invalid-request', 'The commit gives the new table no location')
  requireValidLayout(draft, null)
  const metadata = { ...draft, lastUpdatedMs: lastUpdatedMs(draft, commit) }
  requireReadableMetadata(metadata, null)
  return metadata
}

/** From an update, otherwise from a property, otherwise the default. */
function requestedFormatVersion(updates: readonly TableUpdate[]): number {
  const upgrade = updates.find((update) => update.action === 'upgrade-format-version')
  if (upgrade) return upgrade.formatVersion
  const requested = updates.flatMap((update) =>
    update.action === 'set-properties' ? (propertyValue(update.updates, FORMAT_VERSION_PROPERTY) ?? []) : [],
  )[0]
  return requested === undefined ? DEFAULT_FORMAT_VERSION : parseFormatVersion(requested)
}

/** The ids are 0 until something is selected, which is the id that the first schema and spec get. */
function emptyMetadata(formatVersion: number): MetadataDraft {
  const version = toFormatVersion(formatVersion)
  return {
    formatVersion: version,
    tableUuid: '',
    location: '',
    lastSequenceNumber: 0,
    lastUpdatedMs: 0,
    lastColumnId: 0,
    schemas: [],
    currentSchemaId: 0,
    partitionSpecs: [],
    defaultSpecId: 0,
    lastPartitionId: FIRST_PARTITION_FIELD_ID - 1,
    sortOrders: [],
    defaultSortOrderId: 0,
    properties: {},
    currentSnapshotId: null,
    snapshots: [],
    snapshotLog: [],
    metadataLog: [],
    refs: {},
    nextRowId: version > 2 ? '0' : null,
    encryptionKeys: [],
    statistics: [],
    partitionStatistics: [],
  }
}
