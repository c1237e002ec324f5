import 'server-only'
import * as z from 'zod'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { auditChange, newAuditId } from '@/server/db/audit'
import { finishingActor } from '@/server/jobs/run-actor'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import { removeFiles } from '@/server/table-writes/remove-files'
import { snapshotJournalSchema } from '@/server/table-writes/snapshot-journal'
import type { TableRun } from '@/server/table-writes/table-write'

export const ingestJournalSchema = snapshotJournalSchema.extend({
  /** The id of the table, if the run itself created it. */
  createdTableUuid: z.string().nullable(),
})
export type IngestJournal = z.output<typeof ingestJournalSchema>

/** Removes the files that a load put into its table, and the table that it created if that was not used. */
export async function discardIngest(
  catalog: CatalogClient,
  run: TableRun,
  { createdTableUuid, locations }: IngestJournal,
): Promise<void> {
  // A catalog that knows the table no more gives no access to its folder.
  const store = await nullIfNotFound(() => catalog.openStore(run.table))
  if (store === null) return
  await removeFiles(store, locations)
  if (createdTableUuid === null) return
  const table = await nullIfNotFound(() => catalog.loadTable(run.table))
  if (table?.metadata.tableUuid !== createdTableUuid || table.metadata.snapshots.length > 0) return
  const auditId = newAuditId()
  const entry = {
    actor: finishingActor(run),
    action: 'drop-table',
    table: run.table,
    tableUuid: createdTableUuid,
    requestId: null,
  }
  await catalog.write(
    { kind: 'drop-table', table: run.table },
    {
      plan: { auditId, entry },
      alongside: ({ metadataLocation }) => [auditChange({ ...entry, before: { metadataLocation } }, { id: auditId })],
    },
  )
  await store.remove(table.metadataLocation)
}
