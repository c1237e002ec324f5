import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type AuditEntry, hasHappened } from '@/server/db/audit'
import type { Database } from '@/server/db/database'
import { mightMissFiles } from './undo-problem'

/**
 * The ids of the expiries among some entries of a table whose undo is worth offering: no commit has followed or its
 * removal of files has not begun, and no removal may have taken files of its snapshots. The storage and the catalog are
 * checked when the user opens the undo.
 */
export async function findUndoableExpiries(
  database: Database,
  metadata: TableMetadata,
  entries: readonly AuditEntry[],
): Promise<ReadonlySet<string>> {
  const undoable = new Set<string>()
  for (const entry of entries) {
    if (!mightBeUndoable(entry, metadata, database.nowMs())) continue
    if (!(await mightMissFiles(database, metadata.tableUuid, entry))) undoable.add(entry.id)
  }
  return undoable
}

function mightBeUndoable(entry: AuditEntry, { metadataLog }: TableMetadata, nowMs: number): boolean {
  const { before, after, undoneBy } = entry
  if (undoneBy !== null || !hasHappened(entry) || !after?.expiry) return false
  const isNewest = metadataLog.at(-1)?.metadataFile === before?.metadataLocation
  const { removal } = after.expiry
  return isNewest || (removal !== null && nowMs < removal.startsAtMs)
}
