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
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { asViewIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { ListedProposal, Proposal } from '@/server/db/catalog/proposals'
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
} from '@/server/changes/proposals/proposals'

export function proposalEndpoints(services: Services) {
  return [
    serve(services, listProposals, async (identifier, context) => {
      const proposals = await readProposals(services, toEntry(identifier), context)
      return { proposals: proposals.map((one) => toListedProposal(one, context.actor)) }
    }),
    serve(services, listWaitingProposals, async (_, { actor }) => {
      const { proposals, isCut } = await readWaitingProposals(services, actor)
      const tables = proposals.map(({ table }) => table)
      return {
        proposals: proposals.map((one) => ({ ...toListedProposal(one, actor), entry: toProposedEntry(one) })),
        badges: await readBadgesOf(services, actor, tables),
        isCut,
      }
    }),
    serve(services, proposeChanges, async ({ action, title, note, idempotencyKey, ...identifier }, context) => ({
      proposal: toWire(
        await propose(services, toEntry(identifier), { action, title, note }, { ...context, idempotencyKey }),
        context.actor,
      ),
    })),
    serve(services, getProposal, async ({ proposalId, ...identifier }, context) => ({
      proposal: toWire(await readProposal(services, toEntry(identifier), proposalId, context), context.actor),
    })),
    serve(services, commitProposal, async ({ proposalId, ...request }, context) => {
      const { reviewed, confirmedName, idempotencyKey, ...identifier } = request
      const options = { ...context, reviewed, confirmedName, idempotencyKey }
      return commit(services, toEntry(identifier), proposalId, options)
    }),
    serve(services, returnProposal, async ({ proposalId, comment, ...identifier }, context) => {
      const decision = { state: 'returned', comment } as const
      return {
        proposal: toWire(
          await closeProposal(services, toEntry(identifier), proposalId, decision, context),
          context.actor,
        ),
      }
    }),
    serve(services, withdrawProposal, async ({ proposalId, ...identifier }, context) => {
      const decision = { state: 'withdrawn', comment: null } as const
      return {
        proposal: toWire(
          await closeProposal(services, toEntry(identifier), proposalId, decision, context),
          context.actor,
        ),
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

function toProposedEntry({ entryKind, table }: { entryKind: ListedProposal['entryKind']; table: TableIdentifier }) {
  return entryKind === 'view'
    ? ({ kind: entryKind, ...asViewIdentifier(table) } as const)
    : ({ kind: entryKind, ...table } as const)
}

function toEntry(identifier: TableIdentifier) {
  return { kind: 'table', identifier } as const
}

function toWire(proposal: Proposal, actor: Actor) {
  return { ...toListedProposal(proposal, actor), action: proposal.action as ProposedAction }
}

/** A proposal as lists have it, for this user. */
export function toListedProposal(proposal: ListedProposal, { userId }: Actor) {
  const { proposalId, title, note, createdAtMs, expiresAtMs, state } = proposal
  const { decidedBy, decidedAtMs, comment, auditId, proposedBy } = proposal
  const isOwn = proposedBy.userId === userId
  const decision = { decidedBy, decidedAtMs, comment, auditId }
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
