import 'server-only'
import type { UndoBlocker } from '@/lib/contract/table/history'
import { abilitiesOn } from '@/server/catalog/format-gate'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { isFileMissing } from '@/server/catalog/read-earlier-metadata'
import { type AuditEntry, hasHappened } from '@/server/db/audit'
import type { Database } from '@/server/db/database'
import { findLastMoveId, needsEarlierMetadata, undoBlocker } from '../commit/undo-plan'
import { findUndoProblem } from '../expiry/undo-problem'

/**
 * Why entries of the history of a table cannot be undone now. The history shows it, and the undo of an entry refuses for
 * the same reasons. Looks for the metadata file from before an entry only if its undo needs the file.
 *
 * @returns null for an entry that can be undone
 */
export async function createUndoBlockers(
  database: Database,
  catalog: CatalogClient,
  table: LoadedTable,
  signal: AbortSignal,
): Promise<(entry: AuditEntry) => Promise<UndoBlocker | null>> {
  const { metadata } = table
  const [abilities, lastMoveId] = await Promise.all([
    catalog.abilities({ signal }),
    findLastMoveId(database, metadata.tableUuid),
  ])
  const canCommit = abilitiesOn(table, abilities).includes('commit-table')
  return async (entry) => {
    if (entry.after?.expiry !== undefined) {
      if (!hasHappened(entry)) return 'not-committed'
      return (await findUndoProblem(database, catalog, table, entry, signal))?.blocker ?? null
    }
    const blocker = undoBlocker(entry, metadata, lastMoveId)
    if (blocker !== null) return blocker
    if (!canCommit) return 'read-only'
    if (!needsEarlierMetadata(entry)) return null
    const location = entry.before?.metadataLocation ?? null
    return location === null || (await isFileMissing(table, location, signal)) ? 'too-late' : null
  }
}
