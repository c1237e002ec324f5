import 'server-only'
import { z } from 'zod'
import { AppError } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { removeStaging } from '@/server/data-files/staging-folder'
import { finishingActor } from '@/server/jobs/run-actor'
import type { Services } from '@/server/services'
import { type CloneRun, parseCloneOutcome } from './clone-task'
import { removeFilesOfRun } from './target-names'

/** How far a clone is. It outlives pauses and crashes, so that what is copied is not copied again. */
const cloneJournal = z.object({
  location: z.string(),
  /** Of the clone, by which its creation is recognised. */
  tableUuid: z.string(),
  snapshotId: z.string(),
  startedAtMs: z.int(),
  /** So many files, in their order, are copied and proved. */
  copiedCount: z.int(),
  /** Whether the request that creates the table may have been sent. */
  mayBeSent: z.boolean(),
  outcome: z.record(z.string(), z.json()).nullable(),
})
export type CloneJournal = z.output<typeof cloneJournal>

export function parseCloneJournal(json: JsonObject | null): CloneJournal | null {
  return json === null ? null : cloneJournal.parse(json)
}

type CloneServices = Pick<Services, 'catalogs' | 'config'>

/**
 * The outcome of a clone that was created although that was not recorded. Keeps the files of any other, for the next
 * attempt.
 *
 * @throws {AppError} commit-state-unknown while another server may still create the table
 */
export async function settleClone({ catalogs, config }: CloneServices, run: CloneRun): Promise<JsonObject | null> {
  await removeStaging(config, run)
  const journal = parseCloneJournal(run.journal)
  if (journal === null) return null
  const catalog = await catalogs.open(run.table.catalog, finishingActor(run))
  if (await isCreated(catalog, run, journal)) return journal.outcome && { ...parseCloneOutcome(journal.outcome) }
  // In the embedded catalog, the creation and the end of its run are one transaction.
  if (!journal.mayBeSent || catalog.kind === 'embedded') return null
  throw new AppError(
    'commit-state-unknown',
    'It is unknown whether the table was created: the catalog does not have it. Nothing was removed.',
  )
}

/** Removes the files of a clone that is given up. */
export async function discardClone({ catalogs }: CloneServices, run: CloneRun): Promise<void> {
  const journal = parseCloneJournal(run.journal)
  if (journal === null) return
  const catalog = await catalogs.open(run.table.catalog, finishingActor(run))
  const mightExist = journal.mayBeSent && catalog.kind !== 'embedded'
  if (mightExist || (await isCreated(catalog, run, journal))) return
  await removeFilesOfRun(await catalog.openStore(run.table), journal.location, run.id)
}

async function isCreated(catalog: CatalogClient, { table }: CloneRun, { tableUuid }: CloneJournal): Promise<boolean> {
  return (await loadOrNull(() => catalog.loadTable(table)))?.metadata.tableUuid === tableUuid
}

export async function loadOrNull(load: () => Promise<LoadedTable>): Promise<LoadedTable | null> {
  try {
    return await load()
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null
    throw error
  }
}
