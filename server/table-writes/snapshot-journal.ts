import 'server-only'
import * as z from 'zod'
import { AppError } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'

/** The journal of any table write. */
export type WriteJournal = {
  /** Whether the commit may have been sent: the last of its files is written, or is being written. */
  mayBeSent: boolean
  /** The outcome of the run if the table shows its commit. */
  outcome: JsonObject | null
}

/** The files that a run that commits a snapshot has written, or is about to write, into the table's folder. */
export const snapshotJournalSchema = z.object({
  snapshotId: z.string().nullable(),
  /** Data files and the commit's own metadata files. */
  locations: z.array(z.string()),
  mayBeSent: z.boolean().default(true),
  outcome: z.record(z.string(), z.json()).nullable(),
})
export type SnapshotJournal = z.output<typeof snapshotJournalSchema>

export function emptySnapshotJournal(): SnapshotJournal {
  return { snapshotId: null, locations: [], mayBeSent: false, outcome: null }
}

export function hasSnapshotOf(
  { metadata }: Pick<LoadedTable, 'metadata'>,
  { snapshotId }: Pick<SnapshotJournal, 'snapshotId'>,
): boolean {
  return metadata.snapshots.some((snapshot) => snapshot.snapshotId === snapshotId)
}

/** @param advice in a sentence */
export function unknownSnapshotError({ snapshotId }: Pick<SnapshotJournal, 'snapshotId'>, advice: string): AppError {
  return new AppError(
    'commit-state-unknown',
    `It is unknown whether the commit happened: the table does not have snapshot ${snapshotId}. Nothing was removed. ${advice}`,
    { facts: { snapshotId } },
  )
}
