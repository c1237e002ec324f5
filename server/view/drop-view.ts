import 'server-only'
import { viewDropStatements } from '@/lib/connect/view-lifecycle-statements'
import type { ViewDropReview } from '@/lib/contract/lifecycle/views'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { requireExpectedLocation } from '@/server/catalog/folders/expected-location'
import { requireAbility } from '@/server/catalog/require-ability'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import type { Services } from '@/server/services'
import { requireConfirmedName } from '@/server/table/confirmed-name'
import { protectionProblem, requireUnprotected } from '@/server/table/protection'
import { requireSameUuid } from '@/server/policy/demanded-proposal'
import { commitEntry, proposalAfter } from '@/server/policy/entry-commit'
import { viewPaths } from '@/server/view/view-path'
import { lifecycleAudit, type LifecycleContext } from '@/server/lifecycle/lifecycle-audit'
import { loadViewIfReadable } from '@/server/catalog/load-if-readable'

/** What dropping a view takes away, and how. Changes nothing. */
export async function reviewViewDrop(
  { catalogs }: Pick<Services, 'catalogs'>,
  identifier: ViewIdentifier,
  { actor, signal }: Omit<LifecycleContext, 'requestId'>,
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

/**
 * Drops a view. Its metadata files stay.
 *
 * @throws {AppError} version-conflict when the view is not what was reviewed; invalid-request when the name was not
 *   confirmed, or the view is protected; forbidden where a policy demands two people and no other user proposed it
 */
export async function dropView(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  identifier: ViewIdentifier,
  review: { metadataLocation: string | null; confirmedName: string },
  context: LifecycleContext,
): Promise<{ auditId: string }> {
  const { actor, signal, proposal } = context
  const table = asTableIdentifier(identifier)
  requireConfirmedName(table, review.confirmedName)
  const catalog = await catalogs.open(identifier.catalog, actor)
  await requireAbility(catalog, 'drop-view', signal)
  const { view } = await loadViewIfReadable(catalog, identifier, signal)
  requireExpectedLocation(view?.metadataLocation ?? null, review.metadataLocation ?? (view ? '' : undefined))
  requireSameUuid(proposal, view?.metadata.viewUuid)
  if (view !== null) requireUnprotected(view, 'view')
  const known = { metadataLocation: view?.metadataLocation ?? null }
  const { auditId, plan, toChange } = lifecycleAudit(context, known, ({ metadataLocation }) => ({
    action: 'drop-view',
    table,
    tableUuid: view?.metadata.viewUuid ?? null,
    before: { metadataLocation },
    after: proposalAfter(proposal),
  }))
  const follow = view === null ? [] : [moveProposalsChange(view.metadata.viewUuid, table.catalog, null)]
  await commitEntry({ database, catalog, entry: table, actor, proposal, auditId }, ({ rows, ...claim }) =>
    catalog.dropView(identifier, {
      signal,
      plan: { ...plan, ...claim },
      ...(view !== null && { expectedLocation: view.metadataLocation }),
      alongside: (row) => [...rows, toChange(row), ...follow],
    }),
  )
  return { auditId }
}
