import 'server-only'
import {
  commitProposal,
  getChangePolicy,
  getProposal,
  listProposals,
  proposeChanges,
  returnProposal,
  setChangePolicy,
  withdrawProposal,
} from '@/lib/contract/proposals'
import type { Actor } from '@/server/auth/actor'
import type { Proposal } from '@/server/db/catalog/proposals'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { readChangePolicy, setChangePolicy as setPolicy } from '@/server/table/proposals/change-policy'
import {
  closeProposal,
  commitProposal as commit,
  propose,
  readProposal,
  readProposals,
} from '@/server/table/proposals/proposals'

export function proposalEndpoints(services: Services) {
  return [
    serve(services, listProposals, async (identifier, context) => {
      const proposals = await readProposals(services, identifier, context)
      return {
        proposals: proposals.map((one) => {
          const { intents: _, ...listed } = toWire(one, context.actor)
          return listed
        }),
      }
    }),
    serve(services, proposeChanges, async ({ intents, title, note, ...identifier }, context) => ({
      proposal: toWire(await propose(services, identifier, { intents, title, note }, context), context.actor),
    })),
    serve(services, getProposal, async ({ proposalId, ...identifier }, context) => ({
      proposal: toWire(await readProposal(services, identifier, proposalId, context), context.actor),
    })),
    serve(services, commitProposal, async ({ proposalId, confirmedName, idempotencyKey, ...identifier }, context) => {
      const options = { ...context, confirmedName, idempotencyKey }
      const { auditId, table } = await commit(services, identifier, proposalId, options)
      return { auditId, metadataLocation: table.metadataLocation }
    }),
    serve(services, returnProposal, async ({ proposalId, word, ...identifier }, context) => {
      const decision = { state: 'returned', word } as const
      return {
        proposal: toWire(await closeProposal(services, identifier, proposalId, decision, context), context.actor),
      }
    }),
    serve(services, withdrawProposal, async ({ proposalId, ...identifier }, context) => {
      const decision = { state: 'withdrawn', word: null } as const
      return {
        proposal: toWire(await closeProposal(services, identifier, proposalId, decision, context), context.actor),
      }
    }),
    serve(services, getChangePolicy, (resource) => readChangePolicy(services.database, resource)),
    serve(services, setChangePolicy, ({ requiresProposal, ...resource }, context) =>
      setPolicy(services, resource, requiresProposal, context),
    ),
  ]
}

function toWire(proposal: Proposal, { userId }: Actor) {
  const { catalog: _catalog, tableUuid: _tableUuid, intents, proposedBy, ...facts } = proposal
  return {
    ...facts,
    intents: [...intents],
    proposedBy: proposedBy.username,
    isOwn: proposedBy.userId === userId,
  }
}
