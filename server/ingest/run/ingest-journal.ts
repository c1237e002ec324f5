import 'server-only'
import { z } from 'zod'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { auditChange, newAuditId } from '@/server/db/audit'
import type { Run } from '@/server/db/jobs/runs'
import { finishingActor } from '@/server/jobs/run-actor'
import type { LakeServices } from '@/server/catalog/lake-services'
import { findCommittedOutcome, snapshotJournalSchema } from '@/server/table/commit/snapshot-journal'
import { parseIngestOutcome } from './ingest-outcome'
import { removeStaging } from '@/server/data-files/staging-folder'
import type { JsonObject } from '@/lib/iceberg/json/json'

const journalSchema = snapshotJournalSchema.extend({
  /** The id of the table, if the run itself created it. */
  createdTableUuid: z.string().nullable(),
})
export type IngestJournal = z.output<typeof journalSchema>

export type IngestRun = Run & { table: TableIdentifier }

/**
 * Keeps the files if their snapshot is in the table; otherwise removes them, unless the commit may still be applied.
 *
 * @throws {AppError} commit-state-unknown when another server may still have the commit: that the table does not show
 *   it proves nothing, and the table would name missing files once it does
 */
export async function settleIngest(
  services: Pick<LakeServices, 'catalogs' | 'config'>,
  run: IngestRun,
): Promise<JsonObject | null> {
  await removeStaging(services.config, run)
  if (run.journal === null) return null
  const journal = journalSchema.parse(run.journal)
  const catalog = await services.catalogs.open(run.table.catalog, finishingActor(run))
  const table = await tryLoadTable(catalog, run)
  const outcome = findCommittedOutcome(journal, table, catalog, 'Check the table before you load the file again.')
  if (outcome) return { ...parseIngestOutcome(outcome) }
  await removeWrittenFiles(catalog, run, journal)
  return null
}

/** Removes the files that a run made visible to others, and the table that it created if that was not used. */
export async function removeWrittenFiles(
  catalog: CatalogClient,
  run: IngestRun,
  { createdTableUuid, locations }: IngestJournal,
): Promise<void> {
  const store = await catalog.openStore(run.table)
  for (const location of locations) await store.remove(location)
  if (createdTableUuid === null) return
  const table = await tryLoadTable(catalog, run)
  if (table?.metadata.tableUuid !== createdTableUuid || table.metadata.snapshots.length > 0) return
  const auditId = newAuditId()
  const entry = {
    actor: finishingActor(run),
    action: 'drop-table',
    table: run.table,
    tableUuid: createdTableUuid,
    requestId: null,
  }
  await catalog.dropTable(run.table, {
    plan: { auditId, entry },
    alongside: ({ metadataLocation }) => [auditChange({ ...entry, before: { metadataLocation } }, { id: auditId })],
  })
  await store.remove(table.metadataLocation)
}

export async function tryLoadTable(catalog: CatalogClient, { table }: IngestRun): Promise<LoadedTable | null> {
  try {
    return await catalog.loadTable(table)
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null
    throw error
  }
}

export function toIngestRun(run: Run): IngestRun {
  const { table } = run
  if (!table) throw new AppError('invalid-request', 'A load needs a table, but this run names none.')
  return { ...run, table }
}
