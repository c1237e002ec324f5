import 'server-only'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { Permission } from '@/lib/permissions'

type UpdatePermission = Extract<Permission, 'table:write' | 'table:maintain'>

/**
 * The permission that each update of a commit needs. `table:maintain` is needed to remove what a later commit cannot
 * restore from the table itself: snapshots, refs, schemas, specs, statistics, and the keys of encrypted files.
 * Properties are undone from the audit. {@link permissionForUpdates} has the one rule that depends on the rest of the
 * commit.
 */
const UPDATE_PERMISSIONS: Record<TableUpdate['action'], UpdatePermission> = {
  'assign-uuid': 'table:write',
  'upgrade-format-version': 'table:write',
  'add-schema': 'table:write',
  'set-current-schema': 'table:write',
  'set-location': 'table:write',
  'set-properties': 'table:write',
  'remove-properties': 'table:write',
  'add-spec': 'table:write',
  'set-default-spec': 'table:write',
  'add-sort-order': 'table:write',
  'set-default-sort-order': 'table:write',
  'add-snapshot': 'table:write',
  'set-snapshot-ref': 'table:write',
  'remove-snapshots': 'table:maintain',
  'remove-snapshot-ref': 'table:maintain',
  'set-statistics': 'table:write',
  'remove-statistics': 'table:maintain',
  'set-partition-statistics': 'table:write',
  'remove-partition-statistics': 'table:maintain',
  'remove-partition-specs': 'table:maintain',
  'remove-schemas': 'table:maintain',
  'add-encryption-key': 'table:write',
  'remove-encryption-key': 'table:maintain',
}

/** Moving a branch to a snapshot that the commit does not add needs `table:maintain` too: a rollback is such a move. */
export function permissionForUpdates(updates: readonly TableUpdate[]): UpdatePermission {
  const added = new Set(
    updates.flatMap((update) => (update.action === 'add-snapshot' ? [update.snapshot.snapshotId] : [])),
  )
  const needsMaintain = updates.some(
    (update) =>
      UPDATE_PERMISSIONS[update.action] === 'table:maintain' ||
      (update.action === 'set-snapshot-ref' && update.type === 'branch' && !added.has(update.snapshotId)),
  )
  return needsMaintain ? 'table:maintain' : 'table:write'
}
