import { type QueryClient, queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { ProposedViewAction, Reviewed } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { type Namespace, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { useSingleMutation } from '../call/use-single-mutation'
import { useRequireSameUser } from './changes'
import { keys } from '../keys'
import { moveChanges } from './move-changes'
import { refreshWithout } from './refresh-without'

/** How often an open page looks whether another user has decided. Pages in the background do not. */
const LOOK_EVERY_MS = 15_000

/** What is proposed, and for what. */
export type ProposalTarget =
  | { table: TableIdentifier; proposed: ProposedAction }
  | { view: ViewIdentifier; proposed: ProposedViewAction }

/** What proposals are for. */
export type ProposedEntry = TableIdentifier | ViewIdentifier

export function entryOf(target: ProposalTarget): ProposedEntry {
  return 'view' in target ? target.view : target.table
}

/** The endpoints of the proposals of each kind of entry. */
const ENDPOINTS = {
  table: {
    list: 'listProposals',
    propose: 'proposeChanges',
    get: 'getProposal',
    commit: 'commitProposal',
    sendBack: 'returnProposal',
    withdraw: 'withdrawProposal',
  },
  view: {
    list: 'listViewProposals',
    propose: 'proposeViewChange',
    get: 'getViewProposal',
    commit: 'commitViewProposal',
    sendBack: 'returnViewProposal',
    withdraw: 'withdrawViewProposal',
  },
} as const

function endpointsOf(entry: ProposedEntry) {
  return 'view' in entry ? ENDPOINTS.view : ENDPOINTS.table
}

function keyOf(entry: ProposedEntry) {
  return 'view' in entry ? keys.view(entry) : keys.table(entry)
}

const proposalsKey = (entry: ProposedEntry) => [...keyOf(entry), 'proposals'] as const

/** The newest proposals of an entry, with those that were decided. */
export function proposalsQuery(entry: ProposedEntry) {
  return queryOptions({
    queryKey: proposalsKey(entry),
    queryFn: async (context) => (await callEndpoint(endpointsOf(entry).list, entry, toCallOptions(context))).proposals,
  })
}

/** A proposal with its action. While it is open, it is read again and again. */
export function proposalQuery(entry: ProposedEntry, proposalId: string) {
  return queryOptions({
    queryKey: [...proposalsKey(entry), proposalId],
    queryFn: async (context) =>
      (await callEndpoint(endpointsOf(entry).get, { ...entry, proposalId }, toCallOptions(context))).proposal,
    refetchInterval: ({ state: { data } }) => (data?.state === 'open' ? LOOK_EVERY_MS : false),
  })
}
/** Open proposals of all tables and views that the user may commit or made. */
export function waitingProposalsQuery() {
  return queryOptions({
    queryKey: [...keys.lake(), 'proposals'],
    queryFn: (context) => callEndpoint('listWaitingProposals', {}, toCallOptions(context)),
  })
}

/** Whether tables and views in the namespace are changed by proposals only. */
export function changePolicyQuery(catalog: string, namespace: Namespace) {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'change-policy'],
    queryFn: (context) => callEndpoint('getChangePolicy', { catalog, namespace }, toCallOptions(context)),
  })
}

export function useSetChangePolicy(catalog: string, namespace: Namespace) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: (policy: { requiresProposal: boolean; includesEngines: boolean }) =>
      callEndpoint('setChangePolicy', { catalog, namespace, ...policy }),
    // It holds for the namespaces within, too.
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.catalog(catalog) }),
  })
}

type ProposeRequest = { title: string; note: string; idempotencyKey: string }

export function usePropose(target: ProposalTarget) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  const entry = entryOf(target)
  return useSingleMutation({
    mutationFn: async (text: ProposeRequest) => {
      await requireSameUser()
      const input = { ...entry, ...text, action: target.proposed } as ProposeInput
      return (await callEndpoint(endpointsOf(entry).propose, input)).proposal
    },
    onSettled: async () => {
      const entryKey = keyOf(entry)
      // Nothing but the lists and the number of open ones has changed: what is shown of the review stays.
      await Promise.all(
        [[...entryKey, 'proposals'], [...entryKey, 'detail'], waitingProposalsQuery().queryKey].map((queryKey) =>
          queryClient.invalidateQueries({ queryKey }),
        ),
      )
    },
  })
}

/** An action belongs to the kind of its entry, as in {@link ProposalTarget}. */
type ProposeInput = ProposeRequest &
  ((TableIdentifier & { action: ProposedAction }) | (ViewIdentifier & { action: ProposedViewAction }))

export type CommitOptions = {
  /** What the page shows. */
  reviewed?: Reviewed | undefined
  confirmedName?: string | undefined
  idempotencyKey: string
}

/** What the commit of a proposal does to the name of its entry. */
export type NameChange = {
  /** The new name; null: it is gone. */
  movesTo: ProposedEntry | null
  /** Called also when the page was left meanwhile. */
  onCommitted: () => void
}

/** Commits a proposal as the signed-in user the page was rendered for. */
export function useCommitProposal(entry: ProposedEntry, proposalId: string, nameChange?: NameChange) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async (options: CommitOptions) => {
      await requireSameUser()
      return callEndpoint(endpointsOf(entry).commit, { ...entry, proposalId, ...options } as CommitInput)
    },
    onSettled: async (_output, error) => {
      if (error !== null || nameChange === undefined) return invalidateProposals(queryClient, entry)
      const { movesTo, onCommitted } = nameChange
      if ('table' in entry) moveChanges(queryClient, entry, movesTo && 'table' in movesTo ? movesTo : null)
      onCommitted()
      await Promise.all([
        refreshWithout(queryClient, entry.catalog, keyOf(entry)),
        queryClient.invalidateQueries({ queryKey: waitingProposalsQuery().queryKey }),
      ])
    },
  })
}

/** What was reviewed belongs to the action, and so to the kind of the entry. */
type CommitInput = TableIdentifier & CommitOptions & { proposalId: string }

/** Sends a proposal back with a comment; without one, withdraws the user's own. */
export function useCloseProposal(entry: ProposedEntry, proposalId: string) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async (comment: string | null): Promise<void> => {
      await requireSameUser()
      const { sendBack, withdraw } = endpointsOf(entry)
      await (comment === null
        ? callEndpoint(withdraw, { ...entry, proposalId })
        : callEndpoint(sendBack, { ...entry, proposalId, comment }))
    },
    onSettled: () => invalidateProposals(queryClient, entry),
  })
}

/** The entry has another state, too, when one was committed. */
async function invalidateProposals(queryClient: QueryClient, entry: ProposedEntry): Promise<void> {
  await Promise.all(
    [keyOf(entry), keys.badges(entry.catalog), waitingProposalsQuery().queryKey].map((queryKey) =>
      queryClient.invalidateQueries({ queryKey }),
    ),
  )
}
