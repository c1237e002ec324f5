import 'server-only'
import { viewDropStatements } from '@/lib/connect/view-lifecycle-statements'
import type { ViewDropReview } from '@/lib/contract/lifecycle/views'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/iceberg/identifiers'
import { requireExpectedLocation } from '@/server/catalog/expected-location'
import { requireAbility } from '@/server/catalog/require-ability'
import type { Services } from '@/server/services'
import { requireConfirmedName } from '@/server/table/confirmed-name'
import { protectionProblem, requireUnprotected } from '@/server/table/protection'
import { doUnlessHeld, findHold } from '@/server/policy/held-entries'
import { viewPaths } from '@/server/view/view-path'
import { lifecycleAudit, type LifecycleContext } from './lifecycle-audit'
import { loadViewIfReadable } from '@/server/catalog/load-if-readable'

const DROP_BY_USER = { what: 'A drop', by: 'console' } as const

/** What dropping a view takes away, and how. Changes nothing. */
export async function reviewViewDrop(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
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
    dropProblem: (await findHold(database, identifier, DROP_BY_USER)) ?? (view && protectionProblem(view, 'view')),
    request: { method: 'DELETE', path: (await viewPaths(catalog, identifier, signal)).view, body: null },
    statements: viewDropStatements(identifier),
  }
}

/**
 * Drops a view. Its metadata files stay.
 *
 * @throws {AppError} version-conflict when the view is not what was reviewed; invalid-request when the name was not
 *   confirmed, or the view is protected; forbidden where a policy demands two people
 */
export async function dropView(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  identifier: ViewIdentifier,
  review: { metadataLocation: string | null; confirmedName: string },
  context: LifecycleContext,
): Promise<{ auditId: string }> {
  const { actor, signal } = context
  const table = asTableIdentifier(identifier)
  requireConfirmedName(table, review.confirmedName)
  const catalog = await catalogs.open(identifier.catalog, actor)
  await requireAbility(catalog, 'drop-view', signal)
  const { view } = await loadViewIfReadable(catalog, identifier, signal)
  requireExpectedLocation(view?.metadataLocation ?? null, review.metadataLocation ?? (view ? '' : undefined))
  if (view !== null) requireUnprotected(view, 'view')
  const known = { metadataLocation: view?.metadataLocation ?? null }
  const { auditId, plan, toChange } = lifecycleAudit(context, known, ({ metadataLocation }) => ({
    action: 'drop-view',
    table,
    tableUuid: view?.metadata.viewUuid ?? null,
    before: { metadataLocation },
    after: null,
  }))
  await doUnlessHeld(database, identifier, DROP_BY_USER, (guards) =>
    catalog.dropView(identifier, {
      signal,
      plan,
      ...(view !== null && { expectedLocation: view.metadataLocation }),
      alongside: (row) => [toChange(row), ...(catalog.kind === 'embedded' ? guards : [])],
    }),
  )
  return { auditId }
}
