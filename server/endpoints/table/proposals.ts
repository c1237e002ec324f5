import 'server-only'
import {
  commitProposal,
  getChangePolicy,
  getProposal,
  listProposals,
  listWaitingProposals,
  proposeChanges,
  returnProposal,
  setChangePolicy,
  withdrawProposal,
} from '@/lib/contract/table/proposals'
import type { Actor } from '@/server/auth/actor'
import type { ListedProposal, TableProposal } from '@/server/db/catalog/proposals'
import { requireVisible } from '@/server/auth/actor'
import { serve } from '@/server/http/serve'
import { readBadgesOf } from '@/server/search/list-badges'
import type { Services } from '@/server/services'
import { readChangePolicy, setChangePolicy as setPolicy } from '@/server/policy/change-policy'
import {
  closeProposal,
  commitProposal as commit,
  propose,
  readProposal,
  readProposals,
  readWaitingProposals,
} from '@/server/proposals/proposals'

export function proposalEndpoints(services: Services) {
  return [
    serve(services, listProposals, async (identifier, context) => {
      const proposals = await readProposals(services, identifier, context)
      return { proposals: proposals.map((one) => toListedProposal(one, context.actor)) }
    }),
    serve(services, listWaitingProposals, async (_, { actor }) => {
      const { proposals, isCut } = await readWaitingProposals(services, actor)
      const places = proposals.map(({ table }) => table)
      return {
        proposals: proposals.map((one) => ({ ...toListedProposal(one, actor), kind: one.entryKind, place: one.table })),
        badges: await readBadgesOf(services, actor, places),
        isCut,
      }
    }),
    serve(
      services,
      proposeChanges,
      async ({ intents, action = null, title, note, idempotencyKey, ...identifier }, context) => ({
        proposal: toWire(
          await propose(services, identifier, { intents, action, title, note }, { ...context, idempotencyKey }),
          context.actor,
        ),
      }),
    ),
    serve(services, getProposal, async ({ proposalId, ...identifier }, context) => ({
      proposal: toWire(await readProposal(services, identifier, proposalId, context), context.actor),
    })),
    serve(services, commitProposal, async ({ proposalId, ...request }, context) => {
      const { reviewed, requestDigest, confirmedName, idempotencyKey, ...identifier } = request
      const options = { ...context, reviewed, requestDigest, confirmedName, idempotencyKey }
      return commit(services, identifier, proposalId, options)
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
    serve(services, getChangePolicy, (resource, { actor }) => {
      requireVisible(actor, resource)
      return readChangePolicy(services.database, resource)
    }),
    serve(services, setChangePolicy, ({ requiresProposal, includesEngines = false, ...resource }, context) =>
      setPolicy(services, resource, { requiresProposal, includesEngines }, context),
    ),
  ]
}

function toWire(proposal: TableProposal, actor: Actor) {
  return { ...toListedProposal(proposal, actor), intents: [...proposal.intents], action: proposal.action }
}

/** A proposal as lists have it, for this user. */
export function toListedProposal(proposal: ListedProposal, { userId }: Actor) {
  const { proposalId, title, note, createdAtMs, expiresAtMs, state } = proposal
  const { decidedBy, decidedAtMs, word, auditId, proposedBy } = proposal
  const isOwn = proposedBy.userId === userId
  const decision = { decidedBy, decidedAtMs, word, auditId }
  return {
    proposalId,
    title,
    note,
    createdAtMs,
    expiresAtMs,
    state,
    ...decision,
    proposedBy: proposedBy.username,
    isOwn,
  }
}
