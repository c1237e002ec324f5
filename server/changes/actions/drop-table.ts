import 'server-only'
import { dropStatements, purgeStatements } from '@/lib/connect/table-lifecycle-statements'
import type { TableDropReview } from '@/lib/contract/lifecycle/tables'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { purgeChange } from '@/server/maintenance/purge-table'
import { requireExpectedLocation } from '@/server/catalog/folders/expected-location'
import { requireAbility } from '@/server/catalog/require-ability'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import type { Services } from '@/server/services'
import { protectionProblem, requireUnprotected } from '@/server/table/protection'
import { summaryCount } from '@/server/table/summary-counts'
import { loadIfReadable } from '@/server/catalog/load-if-readable'
import { findKnownPurgeProblem, findPurgeProblem } from '@/server/lifecycle/purge-problem'
import type { Action } from '../pipeline/action'
import type { ChangeRequest } from '../pipeline/change-request'
import { type CarriedOut, carryOut } from '../pipeline/carry-out'

/**
 * Shows what a drop of the table removes, and how. Changes nothing.
 *
 * @param options.keepsFiles the review is of a drop without the files, so no other tables are read for it
 */
export async function reviewDrop(
  services: Pick<Services, 'catalogs' | 'config' | 'database'>,
  identifier: TableIdentifier,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
  { keepsFiles = false }: { keepsFiles?: boolean } = {},
): Promise<TableDropReview> {
  const { catalogs, config } = services
  const catalog = await catalogs.open(identifier.catalog, actor)
  await requireAbility(catalog, 'drop-table', signal)
  const { table, problem } = await loadIfReadable(catalog, identifier, signal)
  const path = await catalog.commitPath(identifier, { signal })
  const tip = table?.metadata.snapshots.find(({ snapshotId }) => snapshotId === table.metadata.currentSnapshotId)
  const target = { catalog, identifier, table }
  const purgeProblem = keepsFiles
    ? await findKnownPurgeProblem(target, { signal })
    : await findPurgeProblem(services, target, { actor, signal })
  const figure = (key: string) => (tip === undefined ? null : summaryCount(tip, key))
  return {
    metadataLocation: table?.metadataLocation ?? null,
    problem,
    location: table?.metadata.location ?? null,
    snapshotCount: table?.metadata.snapshots.length ?? 0,
    refNames: Object.keys(table?.metadata.refs ?? {}),
    rowCount: figure('total-records'),
    liveBytes: figure('total-files-size'),
    dataFileCount: figure('total-data-files'),
    deleteFileCount: figure('total-delete-files'),
    canRestore: catalog.purgeSupport !== undefined && table !== null,
    dropProblem: table && protectionProblem(table),
    purgeAfterMs: catalog.purgeSupport === undefined ? 0 : config.undropWindowMs,
    purgeProblem,
    drop: { request: { method: 'DELETE', path, body: null }, statements: dropStatements(identifier) },
    purge: {
      request: { method: 'DELETE', path: `${path}?purgeRequested=true`, body: null },
      statements: purgeStatements(identifier),
    },
  }
}

type DropServices = Pick<Services, 'catalogs' | 'config' | 'database'>
type DropTable = {
  isPurge: boolean
  /** The reviewed version. */
  metadataLocation: string | null
}

const dropTableAction: Action<DropServices, TableIdentifier, DropTable, object> = {
  kind: 'drop-table',
  isHeld: true,
  ability: ({ isPurge }) => (isPurge ? 'purge-table' : 'drop-table'),
  async commit(attempt, on, { isPurge, metadataLocation: reviewedLocation }) {
    attempt.requireTypedName(on)
    const { catalog, actor, signal, services } = attempt
    const { config, database } = services
    const { table } = await loadIfReadable(catalog, on, signal)
    if (table === null) requireExpectedLocation(null, reviewedLocation ?? undefined)
    else requireExpectedLocation(table.metadataLocation, reviewedLocation ?? '')
    attempt.requireSame(table?.metadata.tableUuid)
    if (table !== null) requireUnprotected(table)
    if (isPurge) {
      const problem = await findPurgeProblem(services, { catalog, identifier: on, table }, { actor, signal })
      if (problem !== null) throw new AppError('invalid-request', problem)
    }
    const toEntry = ({ metadataLocation }: { metadataLocation: string | null }) =>
      attempt.entry({
        action: isPurge ? 'purge-table' : 'drop-table',
        table: on,
        tableUuid: table?.metadata.tableUuid ?? null,
        before: { metadataLocation },
        after: null,
      })
    const recorded = attempt.recorded({
      known: toEntry({ metadataLocation: table?.metadataLocation ?? null }),
      toEntry,
      alongside: (row: { metadataLocation: string | null }) => {
        if (table === null) return []
        const scheduledForMs = config.undropWindowMs === 0 ? null : database.nowMs() + config.undropWindowMs
        const dropped = { ...table, metadataLocation: row.metadataLocation ?? table.metadataLocation }
        return [
          moveProposalsChange(table.metadata.tableUuid, on.catalog, null),
          ...(isPurge && catalog.purgeSupport !== undefined
            ? [purgeChange(database, dropped, actor, scheduledForMs)]
            : []),
        ]
      },
    })
    const dropped = {
      kind: 'drop-table' as const,
      table: on,
      // The check above reports problems early; this one is part of the write.
      ...(table !== null && { expectedLocation: table.metadataLocation }),
      ...(isPurge && catalog.purgeSupport === undefined && { purge: true }),
    }
    await catalog.write(dropped, recorded)
    return {}
  },
  repeat: async () => ({}),
}

/**
 * Drops a table. Without `isPurge` its files stay, and the embedded catalog can restore it at any time. Otherwise it
 * can do so for a while, before a run removes the files.
 *
 * @throws {AppError} version-conflict when the table is not what was reviewed; invalid-request when the name was not
 * confirmed, the table is protected, or its files may not be removed; and as `carryOut` does
 */
export function dropTable(
  services: DropServices,
  on: TableIdentifier,
  input: DropTable,
  request: ChangeRequest,
): Promise<CarriedOut<object>> {
  return carryOut(services, dropTableAction, { on, input }, request)
}
