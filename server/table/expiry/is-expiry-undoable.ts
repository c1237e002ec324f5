import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type AuditEntry, hasHappened } from '@/server/db/audit'

/**
 * Whether to offer the undo of an expiry: no commit has followed, or its files are still there. What the storage and
 * the catalog say of it is found when the undo is opened.
 */
export function isExpiryUndoable(entry: AuditEntry, { metadataLog }: TableMetadata, nowMs: number): boolean {
  const { before, after, undoneBy } = entry
  if (undoneBy !== null || !hasHappened(entry) || !after?.expiry) return false
  const isNewest = metadataLog.at(-1)?.metadataFile === before?.metadataLocation
  const { removal } = after.expiry
  return isNewest || (removal !== null && nowMs < removal.startsAtMs)
}
