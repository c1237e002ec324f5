import 'server-only'
import * as contract from '@/lib/contract/lifecycle/view-proposals'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { Proposal } from '@/server/db/catalog/proposals'
import { serve } from '@/server/http/serve'
import * as proposals from '@/server/changes/proposals/proposals'
import type { Services } from '@/server/services'
import { toListedProposal } from './table/proposals'

/** The endpoints of proposals of views. */
export function viewProposalEndpoints(services: Services) {
  return [
    serve(services, contract.listViewProposals, async (view, context) => {
      const listed = await proposals.readProposals(services, toEntry(view), context)
      return { proposals: listed.map((one) => toListedProposal(one, context.actor)) }
    }),
    serve(services, contract.proposeViewChange, async ({ action, title, note, idempotencyKey, ...view }, context) => ({
      proposal: toWire(
        await proposals.propose(services, toEntry(view), { action, title, note }, { ...context, idempotencyKey }),
        context.actor,
      ),
    })),
    serve(services, contract.getViewProposal, async ({ proposalId, ...view }, context) => ({
      proposal: toWire(await proposals.readProposal(services, toEntry(view), proposalId, context), context.actor),
    })),
    serve(services, contract.commitViewProposal, async ({ proposalId, ...request }, context) => {
      const { reviewed, confirmedName, idempotencyKey, ...view } = request
      const seen = { reviewed, confirmedName, idempotencyKey }
      const { auditId } = await proposals.commitProposal(services, toEntry(view), proposalId, { ...context, ...seen })
      return { auditId }
    }),
    serve(services, contract.returnViewProposal, async ({ proposalId, comment, ...view }, context) => {
      const decision = { state: 'returned', comment } as const
      const closed = await proposals.closeProposal(services, toEntry(view), proposalId, decision, context)
      return { proposal: toWire(closed, context.actor) }
    }),
    serve(services, contract.withdrawViewProposal, async ({ proposalId, ...view }, context) => {
      const decision = { state: 'withdrawn', comment: null } as const
      const closed = await proposals.closeProposal(services, toEntry(view), proposalId, decision, context)
      return { proposal: toWire(closed, context.actor) }
    }),
  ]
}

function toEntry(identifier: ViewIdentifier) {
  return { kind: 'view', identifier } as const
}

function toWire(proposal: Proposal, actor: Actor) {
  return { ...toListedProposal(proposal, actor), action: proposal.action as contract.ProposedViewAction }
}
