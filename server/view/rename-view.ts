import 'server-only'
import { viewRenameStatements } from '@/lib/connect/view-lifecycle-statements'
import type { ViewRenameReview } from '@/lib/contract/lifecycle/views'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { isPermitted, requirePermission } from '@/server/auth/actor'
import { requireAbility } from '@/server/catalog/require-ability'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import { findCaseWarnings } from '@/server/search/names-of-other-case'
import type { Services } from '@/server/services'
import { protectionProblem, requireUnprotected } from '@/server/table/protection'
import { requireSameUuid } from '@/server/policy/demanded-proposal'
import { commitEntry, proposalAfter } from '@/server/policy/entry-commit'
import { viewPaths } from '@/server/view/view-path'
import { lifecycleAudit, type LifecycleContext } from '@/server/lifecycle/lifecycle-audit'
import { loadViewIfReadable } from '@/server/catalog/load-if-readable'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import { qualifiedName } from '@/server/lifecycle/rename-table'

/** How a view is renamed, and whether the catalog would refuse. Changes nothing. */
export async function reviewViewRename(
  services: Pick<Services, 'catalogs' | 'database'>,
  from: ViewIdentifier,
  to: ViewIdentifier,
  { actor, signal }: Omit<LifecycleContext, 'requestId'>,
): Promise<ViewRenameReview> {
  const catalog = await services.catalogs.open(from.catalog, actor)
  await requireAbility(catalog, 'rename-view', signal)
  const { view } = await loadViewIfReadable(catalog, from, signal)
  const paths = await viewPaths(catalog, from, signal)
  const toName = ({ namespace, view: name }: ViewIdentifier) => ({ namespace, name })
  const entryProblem = view && protectionProblem(view, 'view')
  return {
    request: {
      method: 'POST',
      path: paths.rename,
      body: JSON.stringify({ source: toName(from), destination: toName(to) }, null, 2),
    },
    statements: viewRenameStatements(from, to),
    // A user who may not take the name can still propose it.
    problem: isPermitted(actor, 'table:propose', asTableIdentifier(to))
      ? (entryProblem ?? (await findNameProblem(catalog, 'view', asTableIdentifier(to), signal)))
      : 'You may not create views under this name.',
    entryProblem,
    warnings: await findCaseWarnings(services, actor, asTableIdentifier(to), asTableIdentifier(from)),
  }
}

/**
 * Renames a view or moves it to another namespace. Its versions and its location stay.
 *
 * @throws {AppError} forbidden without `table:write` on the new name, and where a policy demands two people and no other user proposed it; not-found for the view or the new namespace;
 *   already-exists when a table or view has the name; invalid-request when the view is protected
 */
export async function renameView(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  from: ViewIdentifier,
  to: ViewIdentifier,
  context: LifecycleContext,
): Promise<{ auditId: string }> {
  const { actor, signal, proposal } = context
  requirePermission(actor, 'table:write', asTableIdentifier(to), { isNew: true })
  const catalog = await catalogs.open(from.catalog, actor)
  await requireAbility(catalog, 'rename-view', signal)
  const { view } = await loadViewIfReadable(catalog, from, signal)
  requireSameUuid(proposal, view?.metadata.viewUuid)
  if (view !== null) requireUnprotected(view, 'view')
  const known = { metadataLocation: view?.metadataLocation ?? null }
  const { auditId, plan, toChange } = lifecycleAudit(context, known, ({ metadataLocation }) => ({
    action: 'rename-view',
    table: asTableIdentifier(to),
    tableUuid: view?.metadata.viewUuid ?? null,
    before: { metadataLocation, name: qualifiedName(asTableIdentifier(from)) },
    after: { metadataLocation, name: qualifiedName(asTableIdentifier(to)), ...proposalAfter(proposal) },
  }))
  const follow = view === null ? [] : [moveProposalsChange(view.metadata.viewUuid, from.catalog, asTableIdentifier(to))]
  const entry = asTableIdentifier(from)
  await commitEntry({ database, catalog, entry, actor, proposal, auditId }, ({ rows, ...claim }) =>
    catalog.renameView(from, to, {
      signal,
      plan: { ...plan, ...claim },
      alongside: (row) => [...rows, toChange(row), ...follow],
    }),
  )
  return { auditId }
}
