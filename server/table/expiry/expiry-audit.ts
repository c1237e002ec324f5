import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { AuditState } from '@/server/db/audit'
import type { Database } from '@/server/db/database'
import { planRunId } from '@/server/db/jobs/runs'
import { expiryTotals } from '@/lib/contract/table/expiry-totals'
import { countIfReadable, groupsOfIntent } from './preview-expiry'
import { findCountedFiles } from './queued-counts'

/**
 * The audit's summary of an expiry, counted here rather than by the client that sends the commit. Null without an
 * expiry among the intents. It leaves out files that cannot be read, or that take too long to count and that no run has
 * counted.
 *
 * @throws {AppError} read-restricted: the files of such a table could never be removed
 */
export async function planExpiryAudit(
  database: Database,
  catalog: CatalogClient,
  identifier: TableIdentifier,
  intents: readonly Intent[],
  signal: AbortSignal,
): Promise<NonNullable<AuditState['expiry']> | null> {
  const intent = intents.find(({ kind }) => kind === 'expire-snapshots')
  if (intent?.kind !== 'expire-snapshots') return null
  const table = await catalog.loadTable(identifier, { signal })
  table.requireReadable?.()
  const files =
    (await findCountedFiles(database, table, intent.snapshotIds)) ??
    (await countIfReadable(catalog, table, groupsOfIntent(intent), signal)).files
  const { removeFilesAfterMs } = intent
  return {
    snapshotCount: intent.snapshotIds.length,
    ...(files === null ? { fileCount: null, sizeBytes: null } : expiryTotals(files)),
    removal:
      removeFilesAfterMs === null
        ? null
        : { runId: planRunId(database), startsAtMs: database.nowMs() + removeFilesAfterMs },
  }
}
