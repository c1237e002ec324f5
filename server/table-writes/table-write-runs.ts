import 'server-only'
import { AppError, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { Run } from '@/server/db/jobs/runs'
import { runActor } from '@/server/jobs/run-actor'
import type { RunKind } from '@/server/jobs/run-kind'
import { discardWrite, settleWrite } from './settle-write'
import type { WriteJournal } from './snapshot-journal'
import { tidyStaging } from './staging-folder'
import { type TableRun, TableWrite, type TableWriteName } from './table-write'
import type { TableWriteKind, WriteServices } from './table-write-kind'

/**
 * Runs that write files for a table and commit them. Whatever becomes visible to others is in the journal before. A
 * certain failure removes it, or keeps it for the next attempt, and an unknown outcome removes nothing.
 */
export function tableWriteRuns<Journal extends WriteJournal & JsonObject>(
  services: WriteServices,
  kind: TableWriteKind<Journal>,
): RunKind<TableWriteName> {
  const { maxConcurrent, keepsFiles, retryOn } = kind
  return {
    maxConcurrent,
    retryOn: (run) => [
      ...TRANSIENT_DATABASE_CODES,
      'catalog-unavailable',
      'storage-unavailable',
      ...(typeof retryOn === 'function' ? retryOn(run) : retryOn),
    ],
    keepsJournal: keepsFiles,
    async work(queued, context) {
      const run = toTableRun(queued)
      const actor = await runActor(services.database, run, kind.needs(run))
      const catalog = await services.catalogs.open(run.table.catalog, actor)
      const journal = keepsFiles && run.journal !== null ? kind.parseJournal(run.journal) : null
      const requirePermitted = async () => {
        await runActor(services.database, run, kind.needs(run), 'Nothing was committed.')
      }
      const began = { run, actor, catalog, journal, requirePermitted }
      const write = new TableWrite(services.config, context, kind.firstPhase, began)
      try {
        return await kind.produce(write)
      } catch (error) {
        await write.cleanUp(kind, error)
        throw error
      }
    },
    settle: (run) => settleWrite(services, kind, toTableRun(run)),
    ...(keepsFiles && { discard: (run: Run) => discardWrite(services, kind, toTableRun(run)) }),
    successChanges: (run, outcome) => kind.successChanges?.(toTableRun(run), outcome) ?? [],
    tidy: () => tidyStaging(services),
  }
}

function toTableRun(run: Run): TableRun {
  const { table } = run
  if (!table) throw new AppError('invalid-request', 'The run writes to a table, but it names none.')
  return { ...run, table }
}
