import { z } from 'zod'
import { endpoint } from '../endpoint'
import { PROPOSAL_TITLE } from '../shapes/proposal-title'
import { proposedAction, reviewedAction } from '../shapes/proposed-action'
import { contractSchemas } from '../shapes/schemas'
import { tableIdentifierOnWire, tableBadge } from '../shapes/lake'
import { confirmedName, instantMs, listedNamespace, namespaceInput, tableInput } from '../shapes/wire'

const title = z.string().regex(PROPOSAL_TITLE, 'one line of 1 to 200 characters')
const note = z.string().max(5000)

/** What the proposer says. */
export const proposalText = z.object({ title, note })

const PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/proposals'
const proposalInput = tableInput.extend({ proposalId: z.string().regex(/^\w{1,64}$/) })

const proposal = z
  .object({
    proposalId: z.string(),
    title,
    note,
    action: proposedAction,
    proposedBy: z.string(),
    /** Whether the caller made it. */
    isOwn: z.boolean(),
    createdAtMs: instantMs,
    /** It cannot be committed from then on. */
    expiresAtMs: instantMs,
    state: z.enum(['open', 'committed', 'returned', 'withdrawn', 'expired']),
    /** The user who committed, returned or withdrew it. */
    decidedBy: z.string().nullable(),
    decidedAtMs: instantMs.nullable(),
    /** Why it was returned. */
    comment: z.string().nullable(),
    /** The audit entry of its commit. */
    auditId: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'Proposal' })
export type Proposal = z.output<typeof proposal>
const proposalOutput = z.object({ proposal })
export const listedProposal = proposal.omit({ action: true })
export type ListedProposal = z.output<typeof listedProposal>

export const listProposals = endpoint({
  summary: 'Lists the newest proposals of a table',
  method: 'GET',
  path: PATH,
  permission: 'table:read',
  input: tableInput,
  output: z.object({ proposals: z.array(listedProposal).max(100) }),
})

/** The entry that a proposal is for. */
const proposedEntry = z
  .discriminatedUnion('kind', [
    tableIdentifierOnWire.extend({ kind: z.literal('table') }),
    tableIdentifierOnWire.omit({ table: true }).extend({ kind: z.literal('view'), view: z.string() }),
  ])
  .register(contractSchemas, { id: 'ProposedEntry' })

export const listWaitingProposals = endpoint({
  summary:
    'Lists the open proposals of all tables and views that the caller may commit, and those that the caller made',
  method: 'GET',
  path: '/api/v1/proposals',
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({
    /** Newest first. */
    proposals: z.array(listedProposal.extend({ entry: proposedEntry })).max(100),
    /** Of their tables and views, as the search index has them. */
    badges: z.array(tableBadge).max(100),
    /** Whether there may be more. */
    isCut: z.boolean(),
  }),
})
export type WaitingProposals = z.output<typeof listWaitingProposals.output>

export const proposeChanges = endpoint({
  summary: 'Proposes changes, for another user to commit',
  description:
    'Changes nothing in the table. What is proposed must fit the table as it is. A table has at most 20 open proposals, and one can be committed for 30 days.',
  method: 'POST',
  path: PATH,
  permission: 'table:propose',
  input: tableInput.extend({
    ...proposalText.shape,
    action: proposedAction,
    /** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
    idempotencyKey: z.string().min(16).max(100).optional(),
  }),
  output: proposalOutput,
})

export const getProposal = endpoint({
  summary: 'Returns a proposal with its changes',
  description: 'A review of its changes says what they would do to the table as it is now.',
  method: 'GET',
  path: `${PATH}/:proposalId`,
  permission: 'table:read',
  input: proposalInput,
  output: proposalOutput,
})

export const commitProposal = endpoint({
  summary: 'Commits the changes of a proposal as one commit',
  description:
    'Fails with `commit-conflict` when one of them no longer fits, and with `version-conflict` when the proposal is no longer open. `reviewed` is what the review of the action returned: what is committed is exactly that, and any other request is a `commit-conflict`.',
  method: 'POST',
  path: `${PATH}/:proposalId/commit`,
  permission: 'table:write',
  input: proposalInput.extend({
    reviewed: reviewedAction.optional(),
    /** Namespace and name of the table: needed when a branch or tag loses snapshots. */
    confirmedName: confirmedName.optional(),
    /** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
    idempotencyKey: z.string().min(16).max(100).optional(),
  }),
  /** `metadataLocation` is null, and the entry says that a run was started, for an action that queues one. */
  output: z.object({ auditId: z.string(), metadataLocation: z.string().nullable() }),
})

export const returnProposal = endpoint({
  summary: 'Sends a proposal back with a comment',
  method: 'POST',
  path: `${PATH}/:proposalId/return`,
  permission: 'table:maintain',
  input: proposalInput.extend({ comment: z.string().min(1).max(1000) }),
  output: proposalOutput,
})

export const withdrawProposal = endpoint({
  summary: 'Withdraws a proposal that the caller made',
  method: 'POST',
  path: `${PATH}/:proposalId/withdraw`,
  permission: 'table:propose',
  input: proposalInput,
  output: proposalOutput,
})

const POLICY_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/change-policy'
const policy = z.object({
  requiresProposal: z.boolean(),
  /** The namespace that demands it: this one, or one around it. */
  demandedBy: listedNamespace.nullable(),
  /** The namespace that refuses commits of engines over the REST catalog, too; null: none does. */
  enginesRefusedBy: listedNamespace.nullable(),
})
export type ChangePolicy = z.output<typeof policy>

export const getChangePolicy = endpoint({
  summary: 'Returns whether tables and views in a namespace are changed by proposals only',
  method: 'GET',
  path: POLICY_PATH,
  // Any user who may change one table of the namespace has to know it.
  permission: 'signed-in',
  input: namespaceInput,
  output: policy,
})

export const setChangePolicy = endpoint({
  summary: 'Sets whether tables and views in a namespace are changed by proposals only',
  description:
    'Then one user proposes a change of a table or view, and another one commits it. It holds for namespaces within, and for the console, the command line and this API: loads are refused. With `includesEngines`, commits of engines over the REST catalog are refused, too, except appends.',
  method: 'PUT',
  path: POLICY_PATH,
  permission: 'console:admin',
  input: namespaceInput.extend({ requiresProposal: z.boolean(), includesEngines: z.boolean().optional() }),
  output: policy,
})
