import { z } from 'zod'
import { endpoint } from '../endpoint'
import { listedProposal, proposalText } from '../table/proposals'
import { reviewedDrop } from '../shapes/proposed-action'
import { contractSchemas } from '../shapes/schemas'
import { confirmedName, entryName, namespaceLevels } from '../shapes/wire'
import { viewEdit, viewInput, viewResource } from './views'

/** Proposals of views: what one user wants changed in a view, for another user to commit. */

const PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/views/:view/proposals'
const proposalInput = viewInput.extend({ proposalId: z.string().regex(/^\w{1,64}$/) })
/** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
const idempotencyKey = z.string().min(16).max(100)

/** What is proposed. What it does is decided on the view as it is when another user reviews it. */
export const proposedViewAction = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('change-view'), edit: viewEdit }),
    z.object({
      kind: z.literal('rename-view'),
      /** The levels of the namespace that the view moves to, or is in. */
      toNamespace: namespaceLevels,
      toView: entryName,
    }),
    z.object({ kind: z.literal('drop-view') }),
  ])
  .register(contractSchemas, { id: 'ProposedViewAction' })
export type ProposedViewAction = z.output<typeof proposedViewAction>

const viewProposal = listedProposal
  .extend({ action: proposedViewAction })
  .register(contractSchemas, { id: 'ViewProposal' })
export type ViewProposal = z.output<typeof viewProposal>
const viewProposalOutput = z.object({ proposal: viewProposal })

export const listViewProposals = endpoint({
  summary: 'Lists the newest proposals of a view',
  method: 'GET',
  path: PATH,
  permission: 'table:read',
  resources: viewResource,
  input: viewInput,
  output: z.object({ proposals: z.array(listedProposal).max(100) }),
})

export const proposeViewChange = endpoint({
  summary: 'Proposes a change, a rename or a drop of a view, for another user to commit',
  description:
    'Changes nothing in the view. What is proposed must fit the view as it is. A view has at most 20 open proposals, and one can be committed for 30 days.',
  method: 'POST',
  path: PATH,
  permission: 'table:propose',
  resources: viewResource,
  input: viewInput.extend({
    ...proposalText.shape,
    action: proposedViewAction,
    idempotencyKey: idempotencyKey.optional(),
  }),
  output: viewProposalOutput,
})

export const getViewProposal = endpoint({
  summary: 'Returns a proposal of a view with what is proposed',
  description: 'A review of it says what it would do to the view as it is now.',
  method: 'GET',
  path: `${PATH}/:proposalId`,
  permission: 'table:read',
  resources: viewResource,
  input: proposalInput,
  output: viewProposalOutput,
})

export const commitViewProposal = endpoint({
  summary: 'Carries out a proposal of a view',
  description:
    'Fails with `version-conflict` when the view changed since what was proposed, and when the proposal is no longer open. A rename or a drop needs `table:maintain`.',
  method: 'POST',
  path: `${PATH}/:proposalId/commit`,
  permission: 'table:write',
  resources: viewResource,
  input: proposalInput.extend({
    /** Of a drop: the review that was shown. A view that changed since is not dropped. */
    reviewed: reviewedDrop.optional(),
    /** Namespace and name of the view: needed for a drop. */
    confirmedName: confirmedName.optional(),
    idempotencyKey,
  }),
  output: z.object({ auditId: z.string() }),
})

export const returnViewProposal = endpoint({
  summary: 'Sends a proposal of a view back with a comment',
  method: 'POST',
  path: `${PATH}/:proposalId/return`,
  permission: 'table:maintain',
  resources: viewResource,
  input: proposalInput.extend({ comment: z.string().min(1).max(1000) }),
  output: viewProposalOutput,
})

export const withdrawViewProposal = endpoint({
  summary: 'Withdraws a proposal of a view that the caller made',
  method: 'POST',
  path: `${PATH}/:proposalId/withdraw`,
  permission: 'table:propose',
  resources: viewResource,
  input: proposalInput,
  output: viewProposalOutput,
})
