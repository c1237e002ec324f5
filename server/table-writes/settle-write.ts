import 'server-only'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { finishingActor } from '@/server/jobs/run-actor'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import type { WriteJournal } from './snapshot-journal'
import { removeStaging } from './staging-folder'
import type { TableRun } from './table-write'
import type { TableWriteKind, WriteServices } from './table-write-kind'

/**
 * Cleans up a write that did not finish: keeps the files if the table shows its commit. Otherwise it removes them, or
 * keeps them for the next attempt if the kind does, unless the commit may still be applied.
 *
 * @returns the outcome of a write that was committed without a record of that
 * @throws {AppError} commit-state-unknown when another server may still have the commit: its absence in the table
 * proves nothing, and the table would name missing files once it appears
 */
export async function settleWrite<Journal extends WriteJournal & JsonObject>(
  services: Pick<WriteServices, 'catalogs' | 'config'>,
  kind: TableWriteKind<Journal>,
  run: TableRun,
): Promise<JsonObject | null> {
  await removeStaging(services.config, run)
  if (run.journal === null) return null
  const journal = kind.parseJournal(run.journal)
  const catalog = await services.catalogs.open(run.table.catalog, finishingActor(run))
  const table = await nullIfNotFound(() => catalog.loadTable(run.table))
  if (table !== null && kind.isCommitted(table, journal)) return journal.outcome && kind.parseOutcome(journal.outcome)
  if (mayStillArrive(catalog, journal)) throw kind.unknownError(journal)
  if (!kind.keepsFiles) await kind.discard(catalog, run, journal)
  return null
}

/** Removes the files of a write that is given up, if it retained them. */
export async function discardWrite<Journal extends WriteJournal & JsonObject>(
  services: Pick<WriteServices, 'catalogs'>,
  kind: TableWriteKind<Journal>,
  run: TableRun,
): Promise<void> {
  if (run.journal === null) return
  const journal = kind.parseJournal(run.journal)
  const catalog = await services.catalogs.open(run.table.catalog, finishingActor(run))
  if (mayStillArrive(catalog, journal)) return
  const table = await nullIfNotFound(() => catalog.loadTable(run.table))
  if (table === null || !kind.isCommitted(table, journal)) await kind.discard(catalog, run, journal)
}

/** In the embedded catalog, the commit and the end of its run are one transaction, which only the holder of the lease can make. */
function mayStillArrive({ kind }: Pick<CatalogClient, 'kind'>, { mayBeSent }: WriteJournal): boolean {
  return mayBeSent && kind !== 'embedded'
}
