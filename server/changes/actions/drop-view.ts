import 'server-only'
import { viewDropStatements } from '@/lib/connect/view-lifecycle-statements'
import type { ViewDropReview } from '@/lib/contract/lifecycle/views'
import { AppError } from '@/lib/errors'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { requireExpectedLocation } from '@/server/catalog/folders/expected-location'
import { protectionProblem } from '@/server/table/protection'
import { viewPaths } from '@/server/view/view-path'
import { loadViewIfReadable } from '@/server/catalog/load-if-readable'
import type { ProposableAction } from '../pipeline/action'
import type { ChangeServices } from '../pipeline/change-request'
import { requireReviewed } from '../pipeline/review-action'
import { releaseName } from './release-name'

/** `metadataLocation`: the reviewed version. */
type ReviewedView = { metadataLocation: string | null }

/**
 * Drops a view. Its metadata files stay.
 *
 * @throws {AppError} version-conflict when the view is not what was reviewed; invalid-request when the name was not
 *   confirmed, or the view is protected; and as `carryOut` does
 */
export const dropViewAction: ProposableAction<
  ChangeServices,
  ViewIdentifier,
  object,
  ReviewedView,
  object,
  ViewDropReview
> = {
  kind: 'drop-view',
  isHeld: true,
  ability: () => 'drop-view',
  toReviewed: (reviewed) => requireReviewed(reviewed, 'drop'),
  async review({ catalog, signal }, on) {
    const { view, problem } = await loadViewIfReadable(catalog, on, signal)
    const dropProblem = view && protectionProblem(view, 'view')
    return {
      problem: dropProblem === null ? null : new AppError('invalid-request', dropProblem),
      async show() {
        const { versions = [], currentVersionId } = view?.metadata ?? {}
        const current = versions.find(({ versionId }) => versionId === currentVersionId)
        return {
          metadataLocation: view?.metadataLocation ?? null,
          problem: problem?.detail ?? null,
          versionCount: versions.length,
          dialects: (current?.representations ?? []).flatMap((one) => (one.type === 'sql' ? [one.dialect] : [])),
          canRestore: catalog.purgeSupport !== undefined && view !== null,
          dropProblem,
          request: { method: 'DELETE', path: (await viewPaths(catalog, on, signal)).view, body: null },
          statements: viewDropStatements(on),
        }
      },
    }
  },
  async commit(attempt, on, { metadataLocation: reviewedLocation }) {
    const table = asTableIdentifier(on)
    attempt.requireTypedName(table)
    const { catalog, signal } = attempt
    const { view } = await loadViewIfReadable(catalog, on, signal)
    requireExpectedLocation(view?.metadataLocation ?? null, reviewedLocation ?? (view ? '' : undefined))
    const recorded = releaseName(attempt, { action: 'drop-view', entry: view, from: table })
    const expected = view !== null && { expectedLocation: view.metadataLocation }
    await catalog.write({ kind: 'drop-view', view: on, ...expected }, recorded)
    return {}
  },
  repeat: async () => ({}),
}
