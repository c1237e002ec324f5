import { type QueryClient, queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { ProposedViewAction } from '@/lib/contract/lifecycle/view-proposals'
import type { ProposedAction, ReviewedAction } from '@/lib/contract/shapes/proposed-action'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
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

function keyOf(entry: TableIdentifier | ViewIdentifier) {
  return 'view' in entry ? keys.view(entry) : keys.table(entry)
}

const proposalsKey = (entry: TableIdentifier | ViewIdentifier) => [...keyOf(entry), 'proposals'] as const

/** The newest proposals of a table or view, with those that were decided. */
export function proposalsQuery(entry: TableIdentifier | ViewIdentifier) {
  return queryOptions({
    queryKey: proposalsKey(entry),
    queryFn: async (context) => {
      const options = toCallOptions(context)
      return 'view' in entry
        ? (await callEndpoint('listViewProposals', entry, options)).proposals
        : (await callEndpoint('listProposals', entry, options)).proposals
    },
  })
}

/** A proposal with its changes. While it is open, it is read again and again. */
export function proposalQuery(table: TableIdentifier, proposalId: string) {
  return queryOptions({
    queryKey: [...proposalsKey(table), proposalId],
    queryFn: async (context) =>
      (await callEndpoint('getProposal', { ...table, proposalId }, toCallOptions(context))).proposal,
    refetchInterval: ({ state: { data } }) => (data?.state === 'open' ? LOOK_EVERY_MS : false),
  })
}

/** As {@link proposalQuery}, of a view. */
export function viewProposalQuery(view: ViewIdentifier, proposalId: string) {
  return queryOptions({
    queryKey: [...proposalsKey(view), proposalId],
    queryFn: async (context) =>
      (await callEndpoint('getViewProposal', { ...view, proposalId }, toCallOptions(context))).proposal,
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
  return useSingleMutation({
    mutationFn: async (text: ProposeRequest) => {
      await requireSameUser()
      if ('view' in target) {
        const { view, proposed: action } = target
        return (await callEndpoint('proposeViewChange', { ...view, ...text, action })).proposal
      }
      const { table, proposed: action } = target
      return (await callEndpoint('proposeChanges', { ...table, ...text, action })).proposal
    },
    onSettled: async () => {
      const entryKey = keyOf('view' in target ? target.view : target.table)
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
  /** What the page shows. */
  reviewed?: ReviewedAction | undefined
  confirmedName?: string | undefined
  idempotencyKey: string
}

/** What the commit of a proposal does to the name of its table or view. */
export type NameChange<Entry> = {
  /** The new name; null: it is gone. */
  movesTo: Entry | null
  /** Called also when the page was left meanwhile. */
  onCommitted: () => void
}

/** Commits a proposal as the signed-in user the page was rendered for. */
export function useCommitProposal(
  table: TableIdentifier,
  proposalId: string,
  nameChange?: NameChange<TableIdentifier>,
) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async (options: CommitOptions) => {
      await requireSameUser()
      return callEndpoint('commitProposal', { ...table, proposalId, ...options })
    },
    onSettled: async (_output, error) => {
      if (error !== null || nameChange === undefined) return invalidateProposals(queryClient, table)
      moveChanges(queryClient, table, nameChange.movesTo)
      await leaveName(queryClient, table, nameChange)
    },
  })
}

/** As {@link useCommitProposal}, of a view. */
export function useCommitViewProposal(
  view: ViewIdentifier,
  proposalId: string,
  nameChange?: NameChange<ViewIdentifier>,
) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async ({ reviewed, confirmedName, idempotencyKey }: CommitOptions) => {
      await requireSameUser()
      const drop = reviewed?.kind === 'drop' ? { reviewed } : {}
      return callEndpoint('commitViewProposal', { ...view, proposalId, ...drop, confirmedName, idempotencyKey })
    },
    onSettled: async (_output, error) =>
      error !== null || nameChange === undefined
        ? invalidateProposals(queryClient, view)
        : leaveName(queryClient, view, nameChange),
  })
}

async function leaveName<Entry extends TableIdentifier | ViewIdentifier>(
  queryClient: QueryClient,
  entry: Entry,
  { onCommitted }: NameChange<Entry>,
): Promise<void> {
  onCommitted()
  await Promise.all([
    refreshWithout(queryClient, entry.catalog, keyOf(entry)),
    queryClient.invalidateQueries({ queryKey: waitingProposalsQuery().queryKey }),
  ])
}

/** Sends a proposal back with a comment; without one, withdraws the user's own. */
export function useCloseProposal(entry: TableIdentifier | ViewIdentifier, proposalId: string) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async (comment: string | null): Promise<void> => {
      await requireSameUser()
      if ('view' in entry)
        await (comment === null
          ? callEndpoint('withdrawViewProposal', { ...entry, proposalId })
          : callEndpoint('returnViewProposal', { ...entry, proposalId, comment }))
      else
        await (comment === null
          ? callEndpoint('withdrawProposal', { ...entry, proposalId })
          : callEndpoint('returnProposal', { ...entry, proposalId, comment }))
    },
    onSettled: () => invalidateProposals(queryClient, entry),
  })
}

/** The table or view has another state, too, when one was committed. */
async function invalidateProposals(queryClient: QueryClient, entry: TableIdentifier | ViewIdentifier): Promise<void> {
  await Promise.all(
    [keyOf(entry), keys.badges(entry.catalog), waitingProposalsQuery().queryKey].map((queryKey) =>
      queryClient.invalidateQueries({ queryKey }),
    ),
  )
}
