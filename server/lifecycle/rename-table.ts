import 'server-only'
import { renameStatements } from '@/lib/connect/table-lifecycle-statements'
import type { TableRenameReview } from '@/lib/contract/lifecycle/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { isPermitted, requirePermission } from '@/server/auth/actor'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import { requireAbility } from '@/server/catalog/require-ability'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import { findCaseWarnings } from '@/server/search/names-of-other-case'
import type { Services } from '@/server/services'
import { requireSameUuid } from '@/server/policy/demanded-proposal'
import { commitEntry, proposalAfter } from '@/server/policy/entry-commit'
import { protectionProblem, requireUnprotected } from '@/server/table/protection'
import { lifecycleAudit, type LifecycleContext } from './lifecycle-audit'
import { loadIfReadable } from '@/server/catalog/load-if-readable'

/** How a table is renamed, and whether the catalog would refuse. Changes nothing. */
export async function reviewRename(
  services: Pick<Services, 'catalogs' | 'database'>,
  from: TableIdentifier,
  to: TableIdentifier,
  { actor, signal }: Omit<LifecycleContext, 'requestId'>,
): Promise<TableRenameReview> {
  const catalog = await services.catalogs.open(from.catalog, actor)
  await requireAbility(catalog, 'rename-table', signal)
  const { table } = await loadIfReadable(catalog, from, signal)
  const tablePath = await catalog.commitPath(from, { signal })
  const toName = ({ namespace, table }: TableIdentifier) => ({ namespace, name: table })
  const entryProblem = table && protectionProblem(table)
  return {
    request: {
      method: 'POST',
      // The names are percent-encoded, so none of them contains a slash.
      path: `${tablePath.slice(0, tablePath.lastIndexOf('/namespaces/'))}/tables/rename`,
      body: JSON.stringify({ source: toName(from), destination: toName(to) }, null, 2),
    },
    statements: renameStatements(from, to),
    // A user who may not take the name can still propose it.
    problem: isPermitted(actor, 'table:propose', to)
      ? (entryProblem ?? (await findNameProblem(catalog, 'table', to, signal)))
      : 'You may not create tables under this name.',
    entryProblem,
    warnings: await findCaseWarnings(services, actor, to, from),
  }
}

/**
 * Renames a table or moves it to another namespace. Its files and its location stay.
 *
 * @throws {AppError} forbidden without `table:write` on the new name, and where a policy demands two people and no other user proposed it; not-found for the table or the new namespace;
 *   already-exists when a table or view has the name; invalid-request when the table is protected
 */
export async function renameTable(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  from: TableIdentifier,
  to: TableIdentifier,
  context: LifecycleContext,
): Promise<{ auditId: string }> {
  const { actor, signal, proposal } = context
  requirePermission(actor, 'table:write', to, { isNew: true })
  const catalog = await catalogs.open(from.catalog, actor)
  await requireAbility(catalog, 'rename-table', signal)
  const { table } = await loadIfReadable(catalog, from, signal)
  requireSameUuid(proposal, table?.metadata.tableUuid)
  if (table !== null) requireUnprotected(table)
  const known = { metadataLocation: table?.metadataLocation ?? null }
  const { auditId, plan, toChange } = lifecycleAudit(context, known, ({ metadataLocation }) => ({
    action: 'rename-table',
    table: to,
    tableUuid: table?.metadata.tableUuid ?? null,
    before: { metadataLocation, name: qualifiedName(from) },
    after: { metadataLocation, name: qualifiedName(to), ...proposalAfter(proposal) },
  }))
  const follow = table === null ? [] : [moveProposalsChange(table.metadata.tableUuid, from.catalog, to)]
  await commitEntry({ database, catalog, entry: from, actor, proposal, auditId }, ({ rows, ...claim }) =>
    catalog.renameTable(from, to, {
      signal,
      plan: { ...plan, ...claim },
      alongside: (row) => [...rows, toChange(row), ...follow],
    }),
  )
  return { auditId }
}

/** As the audit has it. */
export function qualifiedName({ namespace, table }: TableIdentifier): string {
  return [...namespace, table].join('.')
}
