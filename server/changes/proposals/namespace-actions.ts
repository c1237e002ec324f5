import 'server-only'
import type { ProposedNamespaceAction } from '@/lib/contract/proposals'
import { dropNamespace } from '../actions/drop-namespace'
import { requireNamespaceDropFits } from '../actions/review-namespace-drop'
import { type ProposableKinds, requireReviewed } from './proposable'
import type { LoadedNamespace } from './proposed-entry'

/** The actions that can be proposed for a namespace: a new kind gets its line here. */
export const NAMESPACE_ACTIONS: ProposableKinds<LoadedNamespace, ProposedNamespaceAction> = {
  'drop-namespace': {
    permission: 'table:maintain',
    requireFits: (services, { identifier }, _, request) => requireNamespaceDropFits(services, identifier, request),
    async carryOut(services, { identifier }, _, reviewed, request) {
      const { contents } = requireReviewed(reviewed, 'drop-namespace')
      const { auditId } = await dropNamespace(services, identifier, { contents }, request)
      return { auditId, metadataLocation: null }
    },
  },
}
