import 'server-only'
import { z } from 'zod'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { grantsOfRole } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { auditChange } from '@/server/db/audit'
import type { Run } from '@/server/db/jobs/runs'
import type { Services } from '@/server/services'
import { parseIngestOutcome } from './ingest-outcome'
import { removeStaging } from './staging-folder'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** What a run has put, or is about to put, into the table's folder. */
const journalSchema = z.object({
  /** Of the table, when it was made by the run itself. */
  createdTableUuid: z.string().nullable(),
  snapshotId: z.string().nullable(),
  /** Data files and the append's own metadata files. */
  locations: z.array(z.string()),
  /** Whether the commit may be on its way: the last of its files is there, or is being written. */
  mayBeSent: z.boolean().default(true),
  /** What the run will have done when its snapshot is there. */
  outcome: z.record(z.string(), z.json()).nullable(),
})
export type IngestJournal = z.output<typeof journalSchema>

export type IngestRun = Run & { table: TableIdentifier }

/**
 * Files whose snapshot is in the table stay; where it is not they are taken away, unless it may still come.
 *
 * @throws {AppError} commit-state-unknown where another server may have the commit in its hands: a table that does not
 *   show it proves nothing, and would show files that are gone when it does
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
  // In our own catalog a commit is one transaction with the end of its run, and only of who holds its lease.
  if (journal.mayBeSent && catalog.kind !== 'embedded') {
    throw new AppError(
      'commit-state-unknown',
      `Nobody said whether the rows were committed, and the table does not show snapshot ${journal.snapshotId}. ` +
        'Nothing was removed: look at the table before loading it again.',
      { facts: { snapshotId: journal.snapshotId } },
    )
  }
  await removeWrittenFiles(catalog, run, journal)
  return null
}

/** Removes what a run put where others could find it, and the table it made when nobody has used it. */
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
  await catalog.dropTable(run.table, {
    alongside: ({ metadataLocation }) => [
      auditChange({
        actor: run.actor,
        action: 'drop-table',
        table: run.table,
        tableUuid: createdTableUuid,
        before: { metadataLocation },
        after: null,
        requestId: null,
        undoes: null,
      }),
    ],
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
  if (!table) throw new AppError('invalid-request', 'A file is loaded into a table, and this run names none.')
  return { ...run, table }
}

export function toActor({ actor }: Run): Actor {
  return { ...actor, grants: grantsOfRole(actor.role) }
}
