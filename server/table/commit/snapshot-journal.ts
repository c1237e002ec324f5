import 'server-only'
import { z } from 'zod'
import { AppError } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'

/** What a run that commits a snapshot has put, or is about to put, into the table's folder. */
export const snapshotJournalSchema = z.object({
  snapshotId: z.string().nullable(),
  /** Data files and the commit's own metadata files. */
  locations: z.array(z.string()),
  /** Whether the commit may have been sent: the last of its files is written, or is being written. */
  mayBeSent: z.boolean().default(true),
  /** The outcome of the run if its snapshot is in the table. */
  outcome: z.record(z.string(), z.json()).nullable(),
})
export type SnapshotJournal = z.output<typeof snapshotJournalSchema>

/**
 * The outcome of a run whose snapshot is in the table; null if it was certainly not committed.
 *
 * @param table null if it does not exist
 * @param advice what to do when it is unknown, in a sentence
 * @throws {AppError} commit-state-unknown when another server may still have the commit: that the table does not show
 *   it proves nothing, and the table would name missing files once it does
 */
export function findCommittedOutcome(
  { snapshotId, mayBeSent, outcome }: SnapshotJournal,
  table: Pick<LoadedTable, 'metadata'> | null,
  catalog: Pick<CatalogClient, 'kind'>,
  advice: string,
): JsonObject | null {
  const isCommitted = table?.metadata.snapshots.some((snapshot) => snapshot.snapshotId === snapshotId) ?? false
  if (isCommitted && outcome) return outcome
  // In the embedded catalog, the commit and the end of its run are one transaction, which only the holder of the lease
  // can make.
  if (!mayBeSent || catalog.kind === 'embedded') return null
  throw new AppError(
    'commit-state-unknown',
    `It is unknown whether the commit happened: the table does not have snapshot ${snapshotId}. Nothing was removed. ${advice}`,
    { facts: { snapshotId } },
  )
}
