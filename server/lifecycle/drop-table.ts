import 'server-only'
import { dropStatements, purgeStatements } from '@/lib/connect/table-lifecycle-statements'
import type { TableDropReview } from '@/lib/contract/lifecycle/tables'
import { AppError } from '@/lib/errors'
import { isSameTable, type TableIdentifier } from '@/lib/iceberg/identifiers'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { purgeChange, requirePurgeable } from '@/server/maintenance/purge-table'
import { requireExpectedLocation } from '@/server/catalog/expected-location'
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

/** What dropping a table takes away, and how. Changes nothing. */
export async function reviewDrop(
  { catalogs, config }: Pick<Services, 'catalogs' | 'config'>,
  identifier: TableIdentifier,
  { actor, signal }: Omit<LifecycleContext, 'requestId'>,
): Promise<TableDropReview> {
  const catalog = await catalogs.open(identifier.catalog, actor)
  await requireAbility(catalog, 'drop-table', signal)
  const { table, problem } = await loadIfReadable(catalog, identifier, signal)
  const path = await catalog.commitPath(identifier, { signal })
  const tip = table?.metadata.snapshots.find(({ snapshotId }) => snapshotId === table.metadata.currentSnapshotId)
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
    purgeProblem: await findPurgeProblem(catalog, table, identifier, signal),
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
  { catalogs, config, database }: Pick<Services, 'catalogs' | 'config' | 'database'>,
  identifier: TableIdentifier,
  review: { isPurge: boolean; metadataLocation: string | null; confirmedName: string },
  context: LifecycleContext,
): Promise<{ auditId: string }> {
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
    const problem = await findPurgeProblem(catalog, table, identifier, signal)
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

/** Why the files of a table may not be removed with it; null if they may. */
export async function findPurgeProblem(
  catalog: CatalogClient,
  table: LoadedTable | null,
  identifier: TableIdentifier,
  signal: AbortSignal,
): Promise<string | null> {
  if (!(await catalog.abilities({ signal })).has('purge-table')) {
    return `The catalog ${catalog.name} cannot remove the files of tables.`
  }
  if (table === null) return 'The metadata cannot be read, so nobody knows which files belong to the table.'
  const sharing = (await catalog.purgeSupport?.findTablesWithin(table.metadata.location)) ?? []
  try {
    requirePurgeable(
      table,
      sharing.filter((other) => !isSameTable(other, identifier)),
    )
    return null
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-request') return error.message
    throw error
  }
}
