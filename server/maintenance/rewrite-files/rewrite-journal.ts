import 'server-only'
import { AppError } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import type { Run } from '@/server/db/jobs/runs'
import { removeStaging } from '@/server/data-files/staging-folder'
import { finishingActor } from '@/server/jobs/run-actor'
import type { Services } from '@/server/services'
import { findCommittedOutcome, snapshotJournalSchema } from '@/server/table/commit/snapshot-journal'
import type { ObjectStore } from '@/server/storage/object-store'
import { parseRewriteOutcome } from './rewrite-task'

export type RewriteRun = Run & { table: TableIdentifier }

export function toRewriteRun(run: Run): RewriteRun {
  const { table } = run
  if (!table) throw new AppError('invalid-request', 'A rewrite needs a table, but this run names none.')
  return { ...run, table }
}

/**
 * Keeps the new files if their snapshot is in the table; otherwise removes them, unless the commit may still be applied.
 *
 * @throws {AppError} commit-state-unknown, with nothing removed
 */
export async function settleRewrite(
  services: Pick<Services, 'catalogs' | 'config'>,
  run: RewriteRun,
): Promise<JsonObject | null> {
  await removeStaging(services.config, run)
  if (run.journal === null) return null
  const journal = snapshotJournalSchema.parse(run.journal)
  const catalog = await services.catalogs.open(run.table.catalog, finishingActor(run))
  const table = await loadOrNull(() => catalog.loadTable(run.table))
  const outcome = findCommittedOutcome(journal, table, catalog, 'Check the table before you rewrite it again.')
  if (outcome) return { ...parseRewriteOutcome(outcome) }
  await removeFiles(await catalog.openStore(run.table), journal.locations)
  return null
}

/** Removes as many as it can: the journal of a run that has lost its last worker is not read again. */
export async function removeFiles(store: ObjectStore, locations: readonly string[]): Promise<void> {
  const failures: unknown[] = []
  for (const location of locations) {
    try {
      await store.remove(location)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}

async function loadOrNull(load: () => Promise<LoadedTable>): Promise<LoadedTable | null> {
  try {
    return await load()
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null
    throw error
  }
}
