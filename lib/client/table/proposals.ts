import { type QueryClient, queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint, type CallInput } from '@/lib/api/call-endpoint'
import type { ProposedNamespaceAction, ProposedViewAction, Reviewed } from '@/lib/contract/proposals'
import type { RequestedAction } from '@/lib/contract/shapes/proposed-table-action'
import {
  type EntryIdentifier,
  entryKind,
  type Namespace,
  type TableIdentifier,
  type ViewIdentifier,
} from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { useSingleMutation } from '../call/use-single-mutation'
import { useRequireSameUser } from './changes'
import { keys } from '../keys'
import { moveChanges } from './move-changes'
import { refreshWithout } from './refresh-without'

/** How often an open page looks whether another user has decided. Pages in the background do not. */
const LOOK_EVERY_MS = 15_000

/** The table, view or namespace of a proposal. */
export type ProposedEntry = EntryIdentifier

/** The actions that can be proposed for a kind of entry. */
export type ActionOn<Entry extends ProposedEntry> = Entry extends TableIdentifier
  ? RequestedAction
  : Entry extends ViewIdentifier
    ? ProposedViewAction
    : ProposedNamespaceAction

/** A proposed action, with its entry. */
export type ProposalTarget<Entry extends ProposedEntry = ProposedEntry> = { entry: Entry; proposed: ActionOn<Entry> }

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
  namespace: {
    list: 'listNamespaceProposals',
    propose: 'proposeNamespaceChange',
    get: 'getNamespaceProposal',
    commit: 'commitNamespaceProposal',
    sendBack: 'returnNamespaceProposal',
    withdraw: 'withdrawNamespaceProposal',
  },
} as const

function endpointsOf(entry: ProposedEntry) {
  return ENDPOINTS[entryKind(entry)]
}

function keyOf(entry: ProposedEntry) {
  return 'table' in entry
    ? keys.table(entry)
    : 'view' in entry
      ? keys.view(entry)
      : keys.namespace(entry.catalog, entry.namespace)
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
/** Open proposals of all entries that the user may commit or made. */
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

export function usePropose({ entry, proposed }: ProposalTarget) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async (text: ProposeRequest) => {
      await requireSameUser()
      // An action belongs to the kind of its entry, as in `ProposalTarget`.
      const input = { ...entry, ...text, action: proposed } as CallInput<ReturnType<typeof endpointsOf>['propose']>
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

export type CommitOptions = {
  /** The review that the page shows. */
  reviewed?: Reviewed | undefined
  confirmedName?: string | undefined
  idempotencyKey: string
}

/** The effect of a proposal's commit on the name of its entry. */
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

/** The review belongs to the action, and so to the kind of the entry. */
type CommitInput = CallInput<ReturnType<typeof endpointsOf>['commit']>

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
