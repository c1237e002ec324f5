import 'server-only'
import { z } from 'zod'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { grantsOfRole } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { auditChange, newAuditId } from '@/server/db/audit'
import type { Run } from '@/server/db/jobs/runs'
import type { Services } from '@/server/services'
import { parseIngestOutcome } from './ingest-outcome'
import { removeStaging } from './staging-folder'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** What a run has put, or is about to put, into the table's folder. */
const journalSchema = z.object({
  /** The id of the table, if the run itself created it. */
  createdTableUuid: z.string().nullable(),
  snapshotId: z.string().nullable(),
  /** Data files and the append's own metadata files. */
  locations: z.array(z.string()),
  /** Whether the commit may have been sent: the last of its files is written, or is being written. */
  mayBeSent: z.boolean().default(true),
  /** The outcome of the run if its snapshot is in the table. */
  outcome: z.record(z.string(), z.json()).nullable(),
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
  services: Pick<Services, 'catalogs' | 'config'>,
  run: IngestRun,
): Promise<JsonObject | null> {
  await removeStaging(services.config, run)
  if (run.journal === null) return null
  const journal = journalSchema.parse(run.journal)
  const catalog = await services.catalogs.open(run.table.catalog, toActor(run))
  const table = await tryLoadTable(catalog, run)
  const isCommitted = table?.metadata.snapshots.some(({ snapshotId }) => snapshotId === journal.snapshotId) ?? false
  if (isCommitted && journal.outcome) return { ...parseIngestOutcome(journal.outcome) }
  // In the embedded catalog, the commit and the end of its run are one transaction, which only the holder of the lease
  // can make.
  if (journal.mayBeSent && catalog.kind !== 'embedded') {
    throw new AppError(
      'commit-state-unknown',
      `It is unknown whether the rows were committed: the table does not have snapshot ${journal.snapshotId}. ` +
        'Nothing was removed. Check the table before you load the file again.',
      { facts: { snapshotId: journal.snapshotId } },
    )
  }
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
    actor: toActor(run),
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

/** The audit names the job, and not where it was queued; the demo lake is named for its own loads. */
export function toActor({ actor, kind }: Pick<Run, 'actor' | 'kind'>): Actor {
  const isDemo = actor.origin?.kind === 'demo'
  return { ...actor, grants: grantsOfRole(actor.role), ...(!isDemo && { origin: { kind: 'job', job: kind } }) }
}
