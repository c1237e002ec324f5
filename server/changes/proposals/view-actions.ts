import 'server-only'
import type { ProposedViewAction } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import { asTableIdentifier, isSameTable, type ViewIdentifier } from '@/lib/names/identifiers'
import { requirePermission } from '@/server/auth/actor'
import type { LoadedView } from '@/server/catalog/port/loaded-table'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import { requireAbility } from '@/server/catalog/require-ability'
import { requireUnprotected } from '@/server/table/protection'
import { commitViewEdit, requireViewEditFits } from '../actions/change-view'
import { dropView } from '../actions/drop-view'
import { renameView } from '../actions/rename-view'
import { type ProposableKinds, requireReviewed } from './proposable'

/** The actions that can be proposed for a view: a new kind gets its line here. */
export const VIEW_ACTIONS: ProposableKinds<LoadedView, ProposedViewAction> = {
  'change-view': {
    permission: 'table:write',
    requireFits: (services, view, { edit }, request) => requireViewEditFits(services, view, edit, request),
    async carryOut(services, { identifier }, { edit }, _, request) {
      const { auditId } = await commitViewEdit(services, identifier, { edit }, request)
      return { auditId, metadataLocation: null }
    },
  },
  'rename-view': {
    permission: 'table:maintain',
    async requireFits({ catalogs }, view, action, { actor, signal }) {
      const { identifier } = view
      const to = asTableIdentifier(renamed(identifier, action))
      // Before anything is looked up there: the name may be where the user sees nothing.
      requirePermission(actor, 'table:propose', to, { isNew: true })
      const catalog = await catalogs.open(identifier.catalog, actor)
      await requireAbility(catalog, 'rename-view', signal)
      requireUnprotected(view, 'view')
      if (isSameTable(asTableIdentifier(identifier), to))
        throw new AppError('invalid-request', 'The view has this name already.')
      const problem = await findNameProblem(catalog, 'view', to, signal)
      if (problem !== null) throw new AppError('invalid-request', problem)
    },
    async carryOut(services, { identifier }, action, _, request) {
      const { auditId } = await renameView(services, identifier, renamed(identifier, action), request)
      return { auditId, metadataLocation: null }
    },
  },
  'drop-view': {
    permission: 'table:maintain',
    async requireFits({ catalogs }, view, _, { actor, signal }) {
      const catalog = await catalogs.open(view.identifier.catalog, actor)
      await requireAbility(catalog, 'drop-view', signal)
      requireUnprotected(view, 'view')
    },
    async carryOut(services, { identifier }, _, reviewed, request) {
      const { metadataLocation } = requireReviewed(reviewed, 'drop')
      const { auditId } = await dropView(services, identifier, { metadataLocation }, request)
      return { auditId, metadataLocation: null }
    },
  },
}

function renamed(
  { catalog }: ViewIdentifier,
  { toNamespace, toView }: Extract<ProposedViewAction, { kind: 'rename-view' }>,
): ViewIdentifier {
  return { catalog, namespace: toNamespace, view: toView }
}
