import 'server-only'
import type { ProposedNamespaceAction } from '@/lib/contract/proposals'
import { dropNamespaceAction } from '../actions/drop-namespace'
import { relaxChangePolicyAction } from '../actions/set-change-policy'
import { proposable, type ProposableKinds } from './proposable'
import type { LoadedNamespace } from './proposed-entry'

/** The actions that can be proposed for a namespace: a new kind gets its line here. */
export const NAMESPACE_ACTIONS: ProposableKinds<LoadedNamespace, ProposedNamespaceAction> = {
  'drop-namespace': proposable(dropNamespaceAction, { permission: 'table:maintain', toRequested: () => ({}) }),
  'relax-change-policy': proposable(relaxChangePolicyAction, {
    permission: 'table:maintain',
    toRequested: ({ requiresProposal }) => ({ requiresProposal }),
  }),
}
