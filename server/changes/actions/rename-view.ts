import 'server-only'
import { viewRenameStatements } from '@/lib/connect/view-lifecycle-statements'
import type { ViewRenameReview } from '@/lib/contract/lifecycle/views'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import { requireUnprotected } from '@/server/table/protection'
import { viewPaths } from '@/server/view/view-path'
import { loadViewIfReadable } from '@/server/catalog/load-if-readable'
import type { NothingReviewed, ProposableAction } from '../pipeline/action'
import type { ChangeServices } from '../pipeline/change-request'
import { qualifiedName, reviewNewName } from './rename-table'

type Rename = { to: ViewIdentifier }

/**
 * Renames a view or moves it to another namespace. Its versions and its location stay.
 *
 * @throws {AppError} not-found for the view or the new namespace; already-exists when a table or view has the name;
 *   invalid-request when the view is protected; and as `carryOut` does
 */
export const renameViewAction: ProposableAction<
  ChangeServices,
  ViewIdentifier,
  Rename,
  NothingReviewed,
  object,
  ViewRenameReview
> = {
  kind: 'rename-view',
  isHeld: true,
  permissions: (_, { to }) => [{ permission: 'table:write', resource: asTableIdentifier(to), isNew: true }],
  ability: () => 'rename-view',
  toReviewed: () => ({}),
  async review(reviewing, from, { to }) {
    const { catalog, signal } = reviewing
    const { view } = await loadViewIfReadable(catalog, from, signal)
    const names = { from: asTableIdentifier(from), to: asTableIdentifier(to) }
    const found = await reviewNewName(reviewing, { kind: 'view', entry: view, ...names })
    return {
      problem: found.problem,
      async show() {
        const { rename } = await viewPaths(catalog, from, signal)
        return { ...(await found.show(rename)), statements: viewRenameStatements(from, to) }
      },
    }
  },
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
