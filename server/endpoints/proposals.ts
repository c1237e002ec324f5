import 'server-only'
import type { z } from 'zod'
import {
  type EntryAction,
  type ListedProposal as ListedOnWire,
  type Reviewed,
  getChangePolicy,
  listWaitingProposals,
  namespaceProposals,
  setChangePolicy,
  tableProposals,
  viewProposals,
} from '@/lib/contract/proposals'
import type { Endpoint } from '@/lib/contract/endpoint'
import {
  asTableIdentifier,
  asViewIdentifier,
  type NamespaceIdentifier,
  type TableIdentifier,
  type ViewIdentifier,
} from '@/lib/names/identifiers'
import { type Actor, requireVisible } from '@/server/auth/actor'
import { readWaitingBulkProposals, type WaitingBulkProposal } from '@/server/changes/bulk/waiting-bulk-proposals'
import * as proposals from '@/server/changes/proposals/proposals'
import { listLostFiles } from '@/server/changes/proposals/proposed-uploads'
import type { Committed } from '@/server/changes/proposals/proposable'
import { MAX_LISTED_PROPOSALS } from '@/server/changes/proposals/stored-proposals'
import type { EntryRef } from '@/server/changes/proposals/proposed-entry'
import type { ListedProposal, Proposal, ProposedOn } from '@/server/db/catalog/proposals'
import type { RequestContext } from '@/server/http/handle-request'
import { serve } from '@/server/http/serve'
import { setChangePolicyAction } from '@/server/changes/actions/set-change-policy'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { readChangePolicy } from '@/server/policy/change-policy'
import { readBadgesOf } from '@/server/search/list-badges'
import type { Services } from '@/server/services'

export function proposalEndpoints(services: Services) {
  return [
    ...entryEndpoints(services, tableProposals, ({ catalog, namespace, table }: TableIdentifier) => ({
      kind: 'table',
      identifier: { catalog, namespace, table },
    })),
    ...entryEndpoints(services, viewProposals, ({ catalog, namespace, view }: ViewIdentifier) => ({
      kind: 'view',
      identifier: { catalog, namespace, view },
    })),
    ...entryEndpoints(services, namespaceProposals, ({ catalog, namespace }: NamespaceIdentifier) => ({
      kind: 'namespace',
      identifier: { catalog, namespace },
    })),
    serve(services, listWaitingProposals, async (_, { actor }) => {
      const [{ proposals: single, isTruncated }, bulk] = await Promise.all([
        proposals.readWaitingProposals(services, actor),
        readWaitingBulkProposals(services.database, actor),
      ])
      const all = [
        ...single.map((one) => ({ ...toListedProposal(one, actor), entry: toProposedEntry(one) })),
        ...bulk.proposals.map((one) => toBulkProposal(one, actor)),
      ].toSorted((a, b) => b.createdAtMs - a.createdAtMs)
      const listed = all.slice(0, MAX_LISTED_PROPOSALS)
      const tables = listed.flatMap(({ entry }) =>
        entry.kind === 'table' ? [entry] : entry.kind === 'view' ? [asTableIdentifier(entry)] : [],
      )
      return {
        proposals: listed,
        badges: await readBadgesOf(services, actor, tables),
        isTruncated: isTruncated || bulk.isTruncated || all.length > listed.length,
      }
    }),
    serve(services, getChangePolicy, (resource, { actor }) => {
      requireVisible(actor, resource)
      return readChangePolicy(services.database, resource)
    }),
    serve(services, setChangePolicy, ({ requiresProposal, includesEngines = false, ...on }, context) =>
      carryOut(services, setChangePolicyAction, { on, input: { requiresProposal, includesEngines } }, context),
    ),
  ]
}

type OnWire = ListedOnWire & { action: EntryAction; runId?: string | undefined }
type Input<Fields> = z.ZodObject & z.ZodType<Fields>
type OfProposal<Named, Fields = object> = Endpoint<
  Input<Named & Fields & { proposalId: string }>,
  z.ZodType<{ proposal: OnWire }>
>
type Key = { idempotencyKey?: string | undefined }
type Decided = { reviewed?: Reviewed | undefined; confirmedName?: string | undefined }

/** The endpoints of the proposals of one kind of entry, which inputs name with these fields. */
type EntryEndpoints<Named> = {
  list: Endpoint<Input<Named>, z.ZodType<{ proposals: ListedOnWire[] }>>
  propose: Endpoint<Input<Named & proposals.Proposed & Key>, z.ZodType<{ proposal: OnWire }>>
  get: OfProposal<Named>
  commit: Endpoint<Input<Named & Decided & Key & { proposalId: string }>, z.ZodType<Committed>>
  sendBack: OfProposal<Named, { comment: string }>
  withdraw: OfProposal<Named>
}

function entryEndpoints<Named>(services: Services, of: EntryEndpoints<Named>, toEntry: (named: Named) => EntryRef) {
  return [
    serve(services, of.list, async (input, context) => {
      const listed = await proposals.readProposals(services, toEntry(input), context)
      return { proposals: listed.map((one) => toListedProposal(one, context.actor)) }
    }),
    serve(services, of.propose, async (input, context) => {
      const request = { ...context, idempotencyKey: input.idempotencyKey }
      return { proposal: toWire(await proposals.propose(services, toEntry(input), input, request), context.actor) }
    }),
    serve(services, of.get, async (input, context) => {
      const proposal = await proposals.readProposal(services, toEntry(input), input.proposalId, context)
      const runId = await proposals.readProposalRun(services, proposal)
      const lostFiles = await listLostFiles(services.database, proposal)
      return {
        proposal: {
          ...toWire(proposal, context.actor),
          ...(runId !== null && { runId }),
          ...(lostFiles.length > 0 && { lostFiles }),
        },
      }
    }),
    serve(services, of.commit, (input, context) => {
      const { proposalId, reviewed, confirmedName, idempotencyKey } = input
      const request = { ...context, reviewed, confirmedName, idempotencyKey }
      return proposals.commitProposal(services, toEntry(input), proposalId, request)
    }),
    serve(services, of.sendBack, (input, context) =>
      close(input, { state: 'returned', comment: input.comment }, context),
    ),
    serve(services, of.withdraw, (input, context) => close(input, { state: 'withdrawn', comment: null }, context)),
  ]

  async function close(
    input: Named & { proposalId: string },
    decision: Parameters<typeof proposals.closeProposal>[3],
    context: RequestContext,
  ) {
    const closed = await proposals.closeProposal(services, toEntry(input), input.proposalId, decision, context)
    return { proposal: toWire(closed, context.actor) }
  }
}

function toProposedEntry({ entryKind, on }: { entryKind: ListedProposal['entryKind']; on: ProposedOn }) {
  if (!('table' in on)) return { kind: 'namespace', ...on } as const
  return entryKind === 'view'
    ? ({ kind: 'view', ...asViewIdentifier(on) } as const)
    : ({ kind: 'table', ...on } as const)
}

/** The open proposals of a change of many tables, as one proposal under the id of the change. */
function toBulkProposal(
  { bulkChangeId, catalog, tableCount, proposedBy, ...listed }: WaitingBulkProposal,
  actor: Actor,
) {
  return {
    ...listed,
    proposalId: bulkChangeId,
    proposedBy: proposedBy.username,
    isOwn: proposedBy.userId === actor.userId,
    state: 'open' as const,
    decidedBy: null,
    decidedAtMs: null,
    comment: null,
    auditId: null,
    entry: { kind: 'tables' as const, catalog, bulkChangeId, tableCount },
  }
}

function toWire(proposal: Proposal, actor: Actor): OnWire {
  return { ...toListedProposal(proposal, actor), action: proposal.action }
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
