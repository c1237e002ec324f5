import 'server-only'
import { viewDropStatements } from '@/lib/connect/view-lifecycle-statements'
import type { ViewDropReview } from '@/lib/contract/lifecycle/views'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { requireExpectedLocation } from '@/server/catalog/folders/expected-location'
import { requireAbility } from '@/server/catalog/require-ability'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import type { Services } from '@/server/services'
import { protectionProblem, requireUnprotected } from '@/server/table/protection'
import { viewPaths } from '@/server/view/view-path'
import { loadViewIfReadable } from '@/server/catalog/load-if-readable'
import type { Action } from '../pipeline/action'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'
import { type CarriedOut, carryOut } from '../pipeline/carry-out'

/** Shows what a drop of the view removes, and how. Changes nothing. */
export async function reviewViewDrop(
  { catalogs }: Pick<Services, 'catalogs'>,
  identifier: ViewIdentifier,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<ViewDropReview> {
  const catalog = await catalogs.open(identifier.catalog, actor)
  await requireAbility(catalog, 'drop-view', signal)
  const { view, problem } = await loadViewIfReadable(catalog, identifier, signal)
  const { versions = [], currentVersionId } = view?.metadata ?? {}
  const current = versions.find(({ versionId }) => versionId === currentVersionId)
  return {
    metadataLocation: view?.metadataLocation ?? null,
    problem: problem?.detail ?? null,
    versionCount: versions.length,
    dialects: (current?.representations ?? []).flatMap((one) => (one.type === 'sql' ? [one.dialect] : [])),
    canRestore: catalog.purgeSupport !== undefined && view !== null,
    dropProblem: view && protectionProblem(view, 'view'),
    request: { method: 'DELETE', path: (await viewPaths(catalog, identifier, signal)).view, body: null },
    statements: viewDropStatements(identifier),
  }
}

/** `metadataLocation`: the reviewed version. */
type DropView = { metadataLocation: string | null }

const dropViewAction: Action<ChangeServices, ViewIdentifier, DropView, object> = {
  kind: 'drop-view',
  isHeld: true,
  ability: () => 'drop-view',
  async commit(attempt, on, { metadataLocation: reviewedLocation }) {
    const table = asTableIdentifier(on)
    attempt.requireTypedName(table)
    const { catalog, signal } = attempt
    const { view } = await loadViewIfReadable(catalog, on, signal)
    requireExpectedLocation(view?.metadataLocation ?? null, reviewedLocation ?? (view ? '' : undefined))
    attempt.requireSame(view?.metadata.viewUuid)
    if (view !== null) requireUnprotected(view, 'view')
    const toEntry = ({ metadataLocation }: { metadataLocation: string | null }) =>
      attempt.entry({
        action: 'drop-view',
        table,
        tableUuid: view?.metadata.viewUuid ?? null,
        before: { metadataLocation },
        after: null,
      })
    const recorded = attempt.recorded({
      known: toEntry({ metadataLocation: view?.metadataLocation ?? null }),
      toEntry,
      alongside: () => (view === null ? [] : [moveProposalsChange(view.metadata.viewUuid, table.catalog, null)]),
    })
    const expected = view !== null && { expectedLocation: view.metadataLocation }
    await catalog.write({ kind: 'drop-view', view: on, ...expected }, recorded)
    return {}
  },
  repeat: async () => ({}),
}

/**
 * Drops a view. Its metadata files stay.
 *
 * @throws {AppError} version-conflict when the view is not what was reviewed; invalid-request when the name was not
 *   confirmed, or the view is protected; and as `carryOut` does
 */
export function dropView(
  services: ChangeServices,
  on: ViewIdentifier,
  input: DropView,
  request: ChangeRequest,
): Promise<CarriedOut<object>> {
  return carryOut(services, dropViewAction, { on, input }, request)
}
