import 'server-only'
import { viewRenameStatements } from '@/lib/connect/view-lifecycle-statements'
import type { ViewRenameReview } from '@/lib/contract/lifecycle/views'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { readViewUses } from '@/server/search/table-uses'
import { viewPaths } from '@/server/view/view-path'
import { loadViewIfReadable } from '@/server/catalog/load-if-readable'
import type { NothingReviewed, ProposableAction } from '../pipeline/action'
import { requireNameOfUsed } from '../pipeline/require-name-of-used'
import { releaseName } from './release-name'
import { type RenameServices, reviewNewName } from './rename-table'

type Rename = { to: ViewIdentifier }

/**
 * Renames a view or moves it to another namespace. Its versions and its location stay. If anything is known to use it,
 * the name has to be typed.
 *
 * @throws {AppError} not-found for the view or the new namespace; already-exists when a table or view has the name;
 *   invalid-request when the view is protected, or the name was not confirmed; and as `carryOut` does
 */
export const renameViewAction: ProposableAction<
  RenameServices,
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
    const names = { from: asTableIdentifier(from), to: asTableIdentifier(to) }
    const recorded = releaseName(attempt, { action: 'rename-view', entry: view, ...names })
    await requireNameOfUsed(
      attempt,
      from,
      view && (async () => ({ uses: await readViewUses(attempt.services, view, attempt), clients: null })),
    )
    await catalog.write({ kind: 'rename-view', view: from, to }, recorded)
    return {}
  },
  repeat: async () => ({}),
}
