import 'server-only'
import * as contract from '@/lib/contract/lifecycle/view-proposals'
import type { Actor } from '@/server/auth/actor'
import type { ViewProposal } from '@/server/db/catalog/proposals'
import { serve } from '@/server/http/serve'
import * as proposals from '@/server/proposals/view-proposals'
import type { Services } from '@/server/services'
import { toListedProposal } from './table/proposals'

/** The endpoints of proposals of views. */
export function viewProposalEndpoints(services: Services) {
  return [
    serve(services, contract.listViewProposals, async (view, context) => {
      const listed = await proposals.readViewProposals(services, view, context)
      return { proposals: listed.map((one) => toListedProposal(one, context.actor)) }
    }),
    serve(services, contract.proposeViewChange, async ({ action, title, note, idempotencyKey, ...view }, context) => ({
      proposal: toWire(
        await proposals.proposeViewChange(services, view, { action, title, note }, { ...context, idempotencyKey }),
        context.actor,
      ),
    })),
    serve(services, contract.getViewProposal, async ({ proposalId, ...view }, context) => ({
      proposal: toWire(await proposals.readViewProposal(services, view, proposalId, context), context.actor),
    })),
    serve(services, contract.commitViewProposal, async ({ proposalId, ...request }, context) => {
      const { reviewed, confirmedName = '', idempotencyKey, ...view } = request
      const seen = { metadataLocation: reviewed?.metadataLocation ?? null, confirmedName, idempotencyKey }
      return proposals.commitViewProposal(services, view, proposalId, seen, context)
    }),
    serve(services, contract.returnViewProposal, async ({ proposalId, word, ...view }, context) => {
      const decision = { state: 'returned', word } as const
      const closed = await proposals.closeViewProposal(services, view, proposalId, decision, context)
      return { proposal: toWire(closed, context.actor) }
    }),
    serve(services, contract.withdrawViewProposal, async ({ proposalId, ...view }, context) => {
      const decision = { state: 'withdrawn', word: null } as const
      const closed = await proposals.closeViewProposal(services, view, proposalId, decision, context)
      return { proposal: toWire(closed, context.actor) }
    }),
  ]
}

function toWire(proposal: ViewProposal, actor: Actor) {
  return { ...toListedProposal(proposal, actor), action: proposal.action }
}
