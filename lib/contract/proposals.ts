import * as z from 'zod'
import type { EntryKind } from '@/lib/names/identifiers'
import type { Resource } from '@/lib/permissions'
import { type Endpoint, endpoint } from './endpoint'
import { droppedContents, MAX_DROPPED_WITH_NAMESPACE } from './lifecycle/namespaces'
import { viewEdit, viewInput, viewResource } from './lifecycle/views'
import { PROPOSAL_TITLE } from './shapes/proposal-title'
import {
  type ProposedAction,
  proposedAction,
  type ReviewedAction,
  reviewedAction,
  reviewedDrop,
  requestedAction,
} from './shapes/proposed-table-action'
import { contractSchemas } from './shapes/schemas'
import { tableBadge, tableIdentifierOnWire } from './shapes/lake'
import {
  confirmedName,
  entryName,
  idempotencyKey,
  instantMs,
  listedNamespace,
  namespaceInput,
  namespaceLevels,
  proposalId,
  tableInput,
} from './shapes/wire'

/** Proposals: what one user wants done to a table, a view or a namespace, for another user to carry out. */

const title = z.string().regex(PROPOSAL_TITLE, 'one line of 1 to 200 characters')
const note = z.string().max(5000)

/** The words of the proposer. */
export const proposalText = z.object({ title, note })

/** A proposal without what it proposes. */
export const listedProposal = z.object({
  proposalId: z.string(),
  title,
  note,
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
export type ListedProposal = z.output<typeof listedProposal>

/** An action on a view. Its effects are those on the view at the time of the review. */
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

/** An action on a namespace. A drop applies to the contents at the time of the review. */
export const proposedNamespaceAction = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('drop-namespace') }),
    z.object({
      kind: z.literal('relax-change-policy'),
      /** False: changes no longer need two people. True: only commits of engines are allowed again. */
      requiresProposal: z.boolean(),
    }),
  ])
  .register(contractSchemas, { id: 'ProposedNamespaceAction' })
export type ProposedNamespaceAction = z.output<typeof proposedNamespaceAction>

/** The contents of a dropped namespace, as the review showed them. */
const reviewedNamespaceDrop = z.object({
  kind: z.literal('drop-namespace'),
  contents: z.array(droppedContents).max(MAX_DROPPED_WITH_NAMESPACE + 1),
})

const readProposal = listedProposal.extend({
  /** The run that its commit has started, if its action is carried out by one. */
  runId: z.string().optional(),
  /** Uploaded files of an open one that have expired or were removed, so that it cannot be carried out. Absent: none. */
  lostFiles: z.array(z.string()).optional(),
})

const proposal = readProposal.extend({ action: proposedAction }).register(contractSchemas, { id: 'Proposal' })
export type Proposal = z.output<typeof proposal>
const viewProposal = readProposal
  .extend({ action: proposedViewAction })
  .register(contractSchemas, { id: 'ViewProposal' })
export type ViewProposal = z.output<typeof viewProposal>
const namespaceProposal = readProposal
  .extend({ action: proposedNamespaceAction })
  .register(contractSchemas, { id: 'NamespaceProposal' })
export type NamespaceProposal = z.output<typeof namespaceProposal>

/** An action on any kind of entry. Each kind of action belongs to one kind of entry. */
export type EntryAction = ProposedAction | ProposedViewAction | ProposedNamespaceAction
export type EntryActionOf<Kind extends EntryAction['kind']> = Extract<EntryAction, { kind: Kind }>
/** A proposal of any kind of entry. */
export type EntryProposal = Proposal | ViewProposal | NamespaceProposal

/** The review that the committing user saw, for an action on any kind of entry. */
export type Reviewed = ReviewedAction | z.output<typeof reviewedNamespaceDrop>

const auditId = z.string()

type Described<
  Input extends z.ZodRawShape,
  Kind extends z.ZodType,
  Requested extends z.ZodType,
  Seen extends z.ZodType,
> = {
  kind: EntryKind
  /** The path of the entry. */
  path: Endpoint['path']
  /** The fields that name the entry. */
  input: z.ZodObject<Input>
  /** Unless they are those that the input names. */
  resources?: (input: unknown) => readonly Resource[]
  action: Kind
  /** The action as its proposer sends it. */
  requested: Requested
  /** The review that the committing user saw. */
  reviewed: Seen
  proposal: z.ZodObject<(typeof readProposal)['shape'] & { action: Kind }>
}

/** The endpoints that the proposals of each kind of entry have. */
function proposalEndpoints<
  Input extends z.ZodRawShape,
  Kind extends z.ZodType,
  Requested extends z.ZodType,
  Seen extends z.ZodType,
>({ kind, path, input, resources, requested, reviewed, proposal: one }: Described<Input, Kind, Requested, Seen>) {
  const on = { ...(resources && { resources }) }
  const PATH = `${path}/proposals` as const
  const output = z.object({ proposal: one })
  const proposalInput = input.extend({ proposalId })
  return {
    list: endpoint({
      summary: `Lists the newest proposals of a ${kind}`,
      method: 'GET',
      path: PATH,
      permission: 'table:read',
      ...on,
      input,
      output: z.object({ proposals: z.array(listedProposal).max(100) }),
    }),
    propose: endpoint({
      summary: `Proposes an action on a ${kind}, for another user to carry out`,
      description: `Changes nothing in the ${kind}. What is proposed must fit the ${kind} as it is. A ${kind} has at most 20 open proposals, and one can be committed for 30 days.`,
      method: 'POST',
      path: PATH,
      permission: 'table:propose',
      ...on,
      input: input.extend({ ...proposalText.shape, action: requested, idempotencyKey: idempotencyKey.optional() }),
      output,
    }),
    get: endpoint({
      summary: `Returns a proposal of a ${kind} with what is proposed`,
      description: `The review of its action says what it would do to the ${kind} as it is now.`,
      method: 'GET',
      path: `${PATH}/:proposalId`,
      permission: 'table:read',
      ...on,
      input: proposalInput,
      output,
    }),
    commit: endpoint({
      summary: `Carries out a proposal of a ${kind}`,
      description: `Exactly what \`reviewed\` says is carried out: it is what the review of the action returned, and needed for every kind of action that it has. Fails with \`commit-conflict\` or \`version-conflict\` when it no longer fits, and with \`version-conflict\` when the proposal is no longer open. Some actions need \`table:maintain\`.`,
      method: 'POST',
      path: `${PATH}/:proposalId/commit`,
      permission: 'table:write',
      ...on,
      input: proposalInput.extend({
        reviewed: reviewed.optional(),
        /** The name as in the header, typed by the user: needed when something is lost. */
        confirmedName: confirmedName.optional(),
        idempotencyKey: idempotencyKey.optional(),
      }),
      /** `metadataLocation` of a table; null for an action that queues a run, and for entries without metadata. */
      output: z.object({ auditId, metadataLocation: z.string().nullable() }),
    }),
    sendBack: endpoint({
      summary: `Sends a proposal of a ${kind} back with a comment`,
      method: 'POST',
      path: `${PATH}/:proposalId/return`,
      permission: 'table:maintain',
      ...on,
      input: proposalInput.extend({ comment: z.string().min(1).max(1000) }),
      output,
    }),
    withdraw: endpoint({
      summary: `Withdraws a proposal of a ${kind} that the caller made`,
      method: 'POST',
      path: `${PATH}/:proposalId/withdraw`,
      permission: 'table:propose',
      ...on,
      input: proposalInput,
      output,
    }),
  }
}

const NAMESPACE_PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace'

export const tableProposals = proposalEndpoints({
  kind: 'table',
  path: `${NAMESPACE_PATH}/tables/:table`,
  input: tableInput,
  action: proposedAction,
  requested: requestedAction,
  reviewed: reviewedAction,
  proposal,
})
export const {
  list: listProposals,
  propose: proposeChanges,
  get: getProposal,
  commit: commitProposal,
  sendBack: returnProposal,
  withdraw: withdrawProposal,
} = tableProposals

export const viewProposals = proposalEndpoints({
  kind: 'view',
  path: `${NAMESPACE_PATH}/views/:view`,
  input: viewInput,
  resources: (input) => viewResource(input as z.output<typeof viewInput>),
  action: proposedViewAction,
  requested: proposedViewAction,
  reviewed: reviewedDrop,
  proposal: viewProposal,
})
export const {
  list: listViewProposals,
  propose: proposeViewChange,
  get: getViewProposal,
  commit: commitViewProposal,
  sendBack: returnViewProposal,
  withdraw: withdrawViewProposal,
} = viewProposals

export const namespaceProposals = proposalEndpoints({
  kind: 'namespace',
  path: NAMESPACE_PATH,
  input: namespaceInput,
  action: proposedNamespaceAction,
  requested: proposedNamespaceAction,
  reviewed: reviewedNamespaceDrop,
  proposal: namespaceProposal,
})
export const {
  list: listNamespaceProposals,
  propose: proposeNamespaceChange,
  get: getNamespaceProposal,
  commit: commitNamespaceProposal,
  sendBack: returnNamespaceProposal,
  withdraw: withdrawNamespaceProposal,
} = namespaceProposals

const namespaceIdentifierOnWire = tableIdentifierOnWire.omit({ table: true })

/** The entry that a proposal is for. */
const proposedEntry = z
  .discriminatedUnion('kind', [
    tableIdentifierOnWire.extend({ kind: z.literal('table') }),
    namespaceIdentifierOnWire.extend({ kind: z.literal('view'), view: z.string() }),
    namespaceIdentifierOnWire.extend({ kind: z.literal('namespace') }),
    /** A change of many tables, which is one proposal here: `proposalId` is its id, too. It is decided on its own page. */
    z.object({
      kind: z.literal('tables'),
      catalog: z.string(),
      bulkChangeId: z.string(),
      /** Its tables with an open proposal that the caller may commit, or has made. */
      tableCount: z.int().min(0),
    }),
  ])
  .register(contractSchemas, { id: 'ProposedEntry' })

export const listWaitingProposals = endpoint({
  summary: 'Lists the open proposals of all entries that the caller may commit, and those that the caller made',
  method: 'GET',
  path: '/api/v1/proposals',
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({
    /** Newest first. */
    proposals: z.array(listedProposal.extend({ entry: proposedEntry })).max(100),
    /** Badges of their tables and views, from the search index. */
    badges: z.array(tableBadge).max(100),
    /** Whether there may be more. */
    isTruncated: z.boolean(),
  }),
})
export type WaitingProposals = z.output<typeof listWaitingProposals.output>

const POLICY_PATH = `${NAMESPACE_PATH}/change-policy` as const
const policy = z.object({
  requiresProposal: z.boolean(),
  /** The namespace that demands it: this one, or one around it. */
  requiredBy: listedNamespace.nullable(),
  /** The namespace that refuses commits of engines over the REST catalog, too; null: none does. */
  enginesBlockedBy: listedNamespace.nullable(),
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
    'Then one user proposes a change of a table or view, and another one commits it. It holds for namespaces within, and for the console, the command line and this API. With `includesEngines`, commits of engines over the REST catalog are refused, too, except appends. A weaker rule is refused with `forbidden`: it is proposed as `relax-change-policy`, and another user carries it out.',
  method: 'PUT',
  path: POLICY_PATH,
  permission: 'console:admin',
  input: namespaceInput.extend({ requiresProposal: z.boolean(), includesEngines: z.boolean().optional() }),
  output: policy,
})
