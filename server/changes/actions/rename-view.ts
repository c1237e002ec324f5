import 'server-only'
import { viewRenameStatements } from '@/lib/connect/view-lifecycle-statements'
import type { ViewRenameReview } from '@/lib/contract/lifecycle/views'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { isPermitted } from '@/server/auth/actor'
import { requireAbility } from '@/server/catalog/require-ability'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import { findCaseWarnings } from '@/server/search/names-of-other-case'
import type { Services } from '@/server/services'
import { protectionProblem, requireUnprotected } from '@/server/table/protection'
import { viewPaths } from '@/server/view/view-path'
import { loadViewIfReadable } from '@/server/catalog/load-if-readable'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import type { Action } from '../pipeline/action'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'
import { type CarriedOut, carryOut } from '../pipeline/carry-out'
import { qualifiedName } from './rename-table'

/** How a view is renamed, and whether the catalog would refuse. Changes nothing. */
export async function reviewViewRename(
  services: Pick<Services, 'catalogs' | 'database'>,
  from: ViewIdentifier,
  to: ViewIdentifier,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<ViewRenameReview> {
  const catalog = await services.catalogs.open(from.catalog, actor)
  await requireAbility(catalog, 'rename-view', signal)
  const { view } = await loadViewIfReadable(catalog, from, signal)
  const paths = await viewPaths(catalog, from, signal)
  const toName = ({ namespace, view: name }: ViewIdentifier) => ({ namespace, name })
  const renameProblem = view && protectionProblem(view, 'view')
  return {
    request: {
      method: 'POST',
      path: paths.rename,
      body: JSON.stringify({ source: toName(from), destination: toName(to) }, null, 2),
    },
    statements: viewRenameStatements(from, to),
    // A user who may not take the name can still propose it.
    nameProblem: isPermitted(actor, 'table:propose', asTableIdentifier(to))
      ? (renameProblem ?? (await findNameProblem(catalog, 'view', asTableIdentifier(to), signal)))
      : 'You may not create views under this name.',
    renameProblem,
    warnings: await findCaseWarnings(services, actor, asTableIdentifier(to), asTableIdentifier(from)),
  }
}

const renameViewAction: Action<ChangeServices, ViewIdentifier, { to: ViewIdentifier }, object> = {
  kind: 'rename-view',
  isHeld: true,
  permissions: (_, { to }) => [{ permission: 'table:write', resource: asTableIdentifier(to), isNew: true }],
  ability: () => 'rename-view',
  async commit(attempt, from, { to }) {
    const { catalog, signal } = attempt
    const { view } = await loadViewIfReadable(catalog, from, signal)
    attempt.requireSame(view?.metadata.viewUuid)
    if (view !== null) requireUnprotected(view, 'view')
    const renamed = asTableIdentifier(to)
    const toEntry = ({ metadataLocation }: { metadataLocation: string | null }) =>
      attempt.entry({
        action: 'rename-view',
        table: renamed,
        tableUuid: view?.metadata.viewUuid ?? null,
        before: { metadataLocation, name: qualifiedName(asTableIdentifier(from)) },
        after: { metadataLocation, name: qualifiedName(renamed) },
      })
    const recorded = attempt.recorded({
      known: toEntry({ metadataLocation: view?.metadataLocation ?? null }),
      toEntry,
      alongside: () => (view === null ? [] : [moveProposalsChange(view.metadata.viewUuid, from.catalog, renamed)]),
    })
    await catalog.write({ kind: 'rename-view', view: from, to }, recorded)
    return {}
  },
  repeat: async () => ({}),
}

/**
 * Renames a view or moves it to another namespace. Its versions and its location stay.
 *
 * @throws {AppError} not-found for the view or the new namespace; already-exists when a table or view has the name;
 *   invalid-request when the view is protected; and as `carryOut` does
 */
export function renameView(
  services: ChangeServices,
  from: ViewIdentifier,
  to: ViewIdentifier,
  request: ChangeRequest,
): Promise<CarriedOut<object>> {
  return carryOut(services, renameViewAction, { on: from, input: { to } }, request)
}
