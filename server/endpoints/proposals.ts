import 'server-only'
import {
  getChangePolicy,
  listWaitingProposals,
  namespaceProposals,
  setChangePolicy,
  tableProposals,
  viewProposals,
} from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { asViewIdentifier, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { type Actor, requireVisible } from '@/server/auth/actor'
import * as proposals from '@/server/changes/proposals/proposals'
import type { EntryRef } from '@/server/changes/proposals/proposed-entry'
import type { ListedProposal, Proposal, ProposedOn } from '@/server/db/catalog/proposals'
import { serve } from '@/server/http/serve'
import { setChangePolicy as setPolicy } from '@/server/changes/actions/set-change-policy'
import { readChangePolicy } from '@/server/policy/change-policy'
import { readBadgesOf } from '@/server/search/list-badges'
import type { Services } from '@/server/services'

export function proposalEndpoints(services: Services) {
  return [
    ...entryEndpoints(services, tableProposals, (identifier) => ({ kind: 'table', identifier })),
    // The kinds differ in the identifier and the action, whose shapes their schemas have checked.
    ...entryEndpoints(services, viewProposals as unknown as Endpoints, (identifier) => ({
      kind: 'view',
      identifier: identifier as unknown as ViewIdentifier,
    })),
    ...entryEndpoints(services, namespaceProposals as unknown as Endpoints, (identifier) => ({
      kind: 'namespace',
      identifier,
    })),
    serve(services, listWaitingProposals, async (_, { actor }) => {
      const { proposals: waiting, isTruncated } = await proposals.readWaitingProposals(services, actor)
      const tables = waiting.flatMap(({ on }) => ('table' in on ? [on] : []))
      return {
        proposals: waiting.map((one) => ({ ...toListedProposal(one, actor), entry: toProposedEntry(one) })),
        badges: await readBadgesOf(services, actor, tables),
        isTruncated,
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

type Endpoints = typeof tableProposals

/** The endpoints of the proposals of one kind of entry. */
function entryEndpoints(services: Services, of: Endpoints, toEntry: (identifier: TableIdentifier) => EntryRef) {
  return [
    serve(services, of.list, async (identifier, context) => {
      const listed = await proposals.readProposals(services, toEntry(identifier), context)
      return { proposals: listed.map((one) => toListedProposal(one, context.actor)) }
    }),
    serve(services, of.propose, async ({ action, title, note, idempotencyKey, ...identifier }, context) => {
      const request = { ...context, idempotencyKey }
      const made = await proposals.propose(services, toEntry(identifier), { action, title, note }, request)
      return { proposal: toWire(made, context.actor) }
    }),
    serve(services, of.get, async ({ proposalId, ...identifier }, context) => ({
      proposal: toWire(await proposals.readProposal(services, toEntry(identifier), proposalId, context), context.actor),
    })),
    serve(services, of.commit, ({ proposalId, reviewed, confirmedName, idempotencyKey, ...identifier }, context) => {
      const request = { ...context, reviewed, confirmedName, idempotencyKey }
      return proposals.commitProposal(services, toEntry(identifier), proposalId, request)
    }),
    serve(services, of.sendBack, async ({ proposalId, comment, ...identifier }, context) => {
      const decision = { state: 'returned', comment } as const
      const closed = await proposals.closeProposal(services, toEntry(identifier), proposalId, decision, context)
      return { proposal: toWire(closed, context.actor) }
    }),
    serve(services, of.withdraw, async ({ proposalId, ...identifier }, context) => {
      const decision = { state: 'withdrawn', comment: null } as const
      const closed = await proposals.closeProposal(services, toEntry(identifier), proposalId, decision, context)
      return { proposal: toWire(closed, context.actor) }
    }),
  ]
}

function toProposedEntry({ entryKind, on }: { entryKind: ListedProposal['entryKind']; on: ProposedOn }) {
  if (!('table' in on)) return { kind: 'namespace', ...on } as const
  return entryKind === 'view'
    ? ({ kind: 'view', ...asViewIdentifier(on) } as const)
    : ({ kind: 'table', ...on } as const)
}

function toWire(proposal: Proposal, actor: Actor) {
  return { ...toListedProposal(proposal, actor), action: proposal.action as ProposedAction }
}

/** A proposal as lists have it, for this user. */
function toListedProposal(proposal: ListedProposal, { userId }: Actor) {
  const { proposalId, title, note, createdAtMs, expiresAtMs, state, proposedBy, ...decision } = proposal
  const { decidedBy, decidedAtMs, comment, auditId } = decision
  const isOwn = proposedBy.userId === userId
  const decided = { decidedBy, decidedAtMs, comment, auditId }
  return {
    proposalId,
    title,
    note,
    createdAtMs,
    expiresAtMs,
    state,
    proposedBy: proposedBy.username,
    isOwn,
    ...decided,
  }
}
