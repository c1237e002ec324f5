import { AppError } from '@/lib/errors'
import {
  addSchema,
  addSortOrder,
  addSpec,
  removeSchemas,
  removeSpecs,
  requireSnapshotSchemas,
  setCurrentSchema,
  setDefaultSortOrder,
  setDefaultSpec,
} from './layout-updates'
import { CommitState, type MetadataDraft } from './metadata-draft'
import { withoutTrailingSlash } from '../metadata/metadata-json'
import {
  addEncryptionKey,
  removeEncryptionKey,
  removeProperties,
  removeStatistics,
  setProperties,
  setStatistics,
  upgradeFormatVersion,
} from './property-updates'
import { addSnapshot, removeRef, removeSnapshots, setRef, pruneSnapshotLog } from './snapshot-updates'
import type { TableUpdate } from './table-update'

/** The updates of one commit, applied one after another to a draft of the table's metadata. */

/**
 * @param draft is modified; the lists and maps it was created with are not
 * @throws {AppError} as `applyUpdates`
 */
export function applyUpdatesToDraft(draft: MetadataDraft, updates: readonly TableUpdate[], nowMs: number) {
  const commit = new CommitState(Math.max(nowMs, draft.lastUpdatedMs))
  for (const update of mergeSnapshotRemovals(updates)) applyUpdate(draft, commit, update)
  pruneSnapshotLog(draft, commit)
  requireSnapshotSchemas(draft, commit)
  return { draft, commit }
}

/**
 * Java expires each snapshot with an update of its own. Merged into one update, the snapshots are searched only once.
 */
function mergeSnapshotRemovals(updates: readonly TableUpdate[]): TableUpdate[] {
  const result: TableUpdate[] = []
  let removed: string[] | null = null
  for (const update of updates) {
    if (update.action !== 'remove-snapshots') {
      removed = null
      result.push(update)
    } else if (removed === null) {
      removed = [...update.snapshotIds]
      result.push({ action: 'remove-snapshots', snapshotIds: removed })
    } else {
      for (const snapshotId of update.snapshotIds) removed.push(snapshotId)
    }
  }
  return result
}

function applyUpdate(draft: MetadataDraft, commit: CommitState, update: TableUpdate): void {
  switch (update.action) {
    case 'assign-uuid':
      return assignUuid(draft, update.uuid)
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
      return removeRef(draft, commit, update.refName)
    case 'set-location':
      draft.location = withoutTrailingSlash(update.location)
      return
    case 'set-properties':
      return setProperties(draft, commit, update.updates)
    case 'remove-properties':
      return removeProperties(draft, commit, update.removals)
    case 'set-statistics':
      return setStatistics(draft, commit, 'statistics', update.statistics)
    case 'remove-statistics':
      return removeStatistics(draft, commit, 'statistics', update.snapshotId)
    case 'set-partition-statistics':
      return setStatistics(draft, commit, 'partitionStatistics', update.partitionStatistics)
    case 'remove-partition-statistics':
      return removeStatistics(draft, commit, 'partitionStatistics', update.snapshotId)
    case 'remove-partition-specs':
      return removeSpecs(draft, commit, update.specIds)
    case 'remove-schemas':
      return removeSchemas(draft, commit, update.schemaIds)
    case 'add-encryption-key':
      return addEncryptionKey(draft, commit, update.encryptionKey)
    case 'remove-encryption-key':
      return removeEncryptionKey(draft, update.keyId)
  }
}

/** Readers identify a table by its uuid, so only a new table can be assigned one. */
function assignUuid(draft: MetadataDraft, uuid: string): void {
  if (draft.tableUuid === '') draft.tableUuid = uuid
  if (uuid.toLowerCase() === draft.tableUuid.toLowerCase()) return
  throw new AppError('invalid-request', 'A table keeps the uuid it was created with')
}

/** Never earlier than the last entry of the snapshot log, which may be slightly ahead of this machine's clock. */
export function lastUpdatedMs({ snapshotLog }: MetadataDraft, { committedAtMs }: CommitState): number {
  return Math.max(committedAtMs, snapshotLog.at(-1)?.timestampMs ?? 0)
}
