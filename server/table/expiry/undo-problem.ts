import 'server-only'
import { isSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { isFileMissing } from '@/server/catalog/read-earlier-metadata'
import type { AuditEntry } from '@/server/db/audit'
import type { Database } from '@/server/db/database'
import { readRun } from '@/server/db/jobs/runs'
import { listRemovals, mightHaveRemoved } from './queued-removals'

/** A sentence, and its kind for the history of the table. */
export type ExpiryUndoProblem = { text: string; blocker: 'undone' | 'no-reverse' | 'too-late' | 'read-only' }

/**
 * Why an expiry cannot be undone now; null if it can. All pages that offer the undo, and the undo itself, decide by this.
 * The embedded catalog restores the earlier metadata, unless a commit has followed. Another catalog registers it under a
 * new name.
 */
export async function findUndoProblem(
  database: Database,
  catalog: CatalogClient,
  table: LoadedTable,
  entry: AuditEntry,
  signal: AbortSignal,
): Promise<ExpiryUndoProblem | null> {
  const { before, after } = entry
  const beforeLocation = before?.metadataLocation
  if (!after?.expiry || typeof beforeLocation !== 'string')
    return { text: 'This is not an expiry that was made here.', blocker: 'no-reverse' }
  if (entry.undoneBy !== null) return { text: 'It was already undone.', blocker: 'undone' }
  if (catalog.restoresMetadata && !isSupportedFormat(table.metadata))
    return { text: 'Lakeshore does not change tables of this format version.', blocker: 'read-only' }
  // First, because it costs nothing: a history may have hundreds of expiries.
  if (catalog.restoresMetadata && table.metadataLocation !== after.metadataLocation)
    return tooLate(
      'The table has received a commit since. Its earlier metadata can only be restored if no commit followed the expiry.',
    )
  if (await mightMissFiles(database, table.metadata.tableUuid, entry))
    return tooLate('Files of the expired snapshots have been removed since.')
  if (catalog.restoresMetadata) return await findMetadataProblem(table, beforeLocation, signal)
  if (!(await catalog.abilities({ signal })).has('register-table')) {
    return { text: `${catalog.name} cannot register a metadata file.`, blocker: 'no-reverse' }
  }
  if (await catalog.keepsFoldersSeparate?.({ signal })) {
    const text = `${catalog.name} keeps the folders of tables separate, so the earlier metadata cannot become a separate table there. To keep the files, cancel their removal.`
    return { text, blocker: 'no-reverse' }
  }
  return await findMetadataProblem(table, beforeLocation, signal)
}

async function findMetadataProblem(
  table: LoadedTable,
  location: string,
  signal: AbortSignal,
): Promise<ExpiryUndoProblem | null> {
  const isRemoved = await isFileMissing(table, location, signal)
  return isRemoved ? tooLate('The metadata file from before the expiry is gone.') : null
}

function tooLate(text: string): ExpiryUndoProblem {
  return { text, blocker: 'too-late' }
}

/**
 * Whether files of an expiry's snapshots may have been removed: by its own removal, or by another one since, because two
 * expiries may have snapshots whose files are the same.
 */
async function mightMissFiles(database: Database, tableUuid: string, { atMs, after }: AuditEntry): Promise<boolean> {
  const removal = after?.expiry?.removal ?? null
  const own = removal && (await readRun(database, removal.runId))
  // Runs are forgotten after a while.
  if (removal && own === null && removal.startsAtMs <= database.nowMs()) return true
  if (own && mightHaveRemoved(own)) return true
  const removals = await listRemovals(database, tableUuid)
  return removals.some((run) => run.startedAtMs !== null && run.startedAtMs >= atMs && mightHaveRemoved(run))
}
