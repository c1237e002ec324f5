import 'server-only'
import type { ProposedViewAction } from '@/lib/contract/lifecycle/view-proposals'
import { AppError } from '@/lib/errors'
import { asTableIdentifier, isSameTable, type ViewIdentifier } from '@/lib/names/identifiers'
import { requirePermission } from '@/server/auth/actor'
import type { LoadedView } from '@/server/catalog/catalog-client'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import { requireAbility } from '@/server/catalog/require-ability'
import type { ViewProposal } from '@/server/db/catalog/proposals'
import { dropView } from '@/server/view/drop-view'
import type { LifecycleContext } from '@/server/lifecycle/lifecycle-audit'
import { renameView } from '@/server/view/rename-view'
import type { Services } from '@/server/services'
import { requireUnprotected } from '@/server/table/protection'
import { commitViewEdit, requireViewEditFits } from '@/server/view/edit-view'

/** A change, a rename or a drop of a view that one user proposes and another one carries out. */

type ViewServices = Pick<Services, 'catalogs' | 'database' | 'keys'>

/** What the user saw who carries it out. */
export type ReviewedView = {
  /** Of a drop: the version of the view whose review was shown. */
  metadataLocation: string | null
  confirmedName: string
}

/** @throws {AppError} forbidden, not-supported, invalid-request, version-conflict: what carrying it out would throw now */
export async function requireViewActionFits(
  services: ViewServices,
  view: LoadedView,
  action: ProposedViewAction,
  { actor, signal }: Omit<LifecycleContext, 'requestId'>,
): Promise<void> {
  if (action.kind === 'change-view') return requireViewEditFits(services, view, action.edit, { actor, signal })
  const { identifier } = view
  // Before anything is looked up there: the name may be where the user sees nothing.
  const to = action.kind === 'rename-view' ? asTableIdentifier(newName(identifier, action)) : null
  if (to) requirePermission(actor, 'table:propose', to, { isNew: true })
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  await requireAbility(catalog, to ? 'rename-view' : 'drop-view', signal)
  requireUnprotected(view, 'view')
  if (to === null) return
  if (isSameTable(asTableIdentifier(identifier), to))
    throw new AppError('invalid-request', 'The view has this name already.')
  const problem = await findNameProblem(catalog, 'view', to, signal)
  if (problem !== null) throw new AppError('invalid-request', problem)
}

/** @throws {AppError} forbidden; invalid-request when a drop does not say what was reviewed; otherwise as a commit without a proposal */
export async function commitViewAction(
  services: ViewServices,
  identifier: ViewIdentifier,
  proposal: ViewProposal,
  { metadataLocation, confirmedName, idempotencyKey }: ReviewedView & { idempotencyKey: string },
  facts: Omit<LifecycleContext, 'proposal'>,
): Promise<{ auditId: string }> {
  const { action } = proposal
  const context = { ...facts, proposal }
  if (action.kind === 'change-view')
    return commitViewEdit(services, identifier, { edit: action.edit, idempotencyKey }, context)
  requirePermission(facts.actor, 'table:maintain', asTableIdentifier(identifier))
  if (action.kind === 'rename-view') return renameView(services, identifier, newName(identifier, action), context)
  if (metadataLocation === null)
    throw new AppError(
      'invalid-request',
      'A proposed drop is carried out with what was reviewed: `reviewed` of the kind drop. Nothing was changed.',
    )
  return dropView(services, identifier, { metadataLocation, confirmedName }, context)
}

function newName(
  { catalog }: ViewIdentifier,
  { toNamespace, toView }: Extract<ProposedViewAction, { kind: 'rename-view' }>,
): ViewIdentifier {
  return { catalog, namespace: toNamespace, view: toView }
}
