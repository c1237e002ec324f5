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
import { requireConfirmedName } from '@/server/table/confirmed-name'
import { requireSameUuid } from '@/server/policy/demanded-proposal'
import { commitEntry, proposalAfter } from '@/server/policy/entry-commit'
import { protectionProblem, requireUnprotected } from '@/server/table/protection'
import { summaryCount } from '@/server/table/summary-counts'
import { lifecycleAudit, type LifecycleContext } from './lifecycle-audit'
import { loadIfReadable } from '@/server/catalog/load-if-readable'
import { findKnownPurgeProblem, findPurgeProblem } from './purge-problem'

/**
 * What dropping a table takes away, and how. Changes nothing.
 *
 * @param options.keepsFiles the review is of a drop without the files, so no other tables are read for it
 */
export async function reviewDrop(
  services: Pick<Services, 'catalogs' | 'config' | 'database'>,
  identifier: TableIdentifier,
  { actor, signal }: Pick<LifecycleContext, 'actor' | 'signal'>,
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

/**
 * Drops a table. Without `isPurge` its files stay, and the embedded catalog can restore it. With it the embedded catalog
 * can restore the table for a while, before a run removes the files.
 *
 * @throws {AppError} forbidden where a policy demands two people and no other user proposed it; version-conflict when the table is not what was reviewed; invalid-request when the name was not
 *   confirmed, the table is protected, or its files may not be removed
 */
export async function dropTable(
  services: Pick<Services, 'catalogs' | 'config' | 'database'>,
  identifier: TableIdentifier,
  review: { isPurge: boolean; metadataLocation: string | null; confirmedName: string },
  context: LifecycleContext,
): Promise<{ auditId: string }> {
  const { catalogs, config, database } = services
  const { actor, signal, proposal } = context
  requireConfirmedName(identifier, review.confirmedName)
  const catalog = await catalogs.open(identifier.catalog, actor)
  await requireAbility(catalog, review.isPurge ? 'purge-table' : 'drop-table', signal)
  const { table } = await loadIfReadable(catalog, identifier, signal)
  if (table === null) requireExpectedLocation(null, review.metadataLocation ?? undefined)
  else requireExpectedLocation(table.metadataLocation, review.metadataLocation ?? '')
  requireSameUuid(proposal, table?.metadata.tableUuid)
  if (table !== null) requireUnprotected(table)
  if (review.isPurge) {
    const problem = await findPurgeProblem(services, { catalog, identifier, table }, { actor, signal })
    if (problem !== null) throw new AppError('invalid-request', problem)
  }
  const known = { metadataLocation: table?.metadataLocation ?? null }
  const { auditId, plan, toChange } = lifecycleAudit(context, known, ({ metadataLocation }) => ({
    action: review.isPurge ? 'purge-table' : 'drop-table',
    table: identifier,
    tableUuid: table?.metadata.tableUuid ?? null,
    before: { metadataLocation },
    after: proposalAfter(proposal),
  }))
  await commitEntry({ database, catalog, entry: identifier, actor, proposal, auditId }, ({ rows, ...claim }) =>
    catalog.dropTable(identifier, {
      signal,
      plan: { ...plan, ...claim },
      // The look above is for what can be said before; this one is made with the write.
      ...(table !== null && { expectedLocation: table.metadataLocation }),
      ...(review.isPurge && catalog.purgeSupport === undefined && { purge: true }),
      alongside: (row) => [
        ...rows,
        toChange(row),
        ...(table === null ? [] : [moveProposalsChange(table.metadata.tableUuid, identifier.catalog, null)]),
        ...(review.isPurge && table !== null && catalog.purgeSupport !== undefined
          ? [
              purgeChange(
                database,
                { ...table, metadataLocation: row.metadataLocation ?? table.metadataLocation },
                actor,
                config.undropWindowMs === 0 ? null : database.nowMs() + config.undropWindowMs,
              ),
            ]
          : []),
      ],
    }),
  )
  return { auditId }
}
