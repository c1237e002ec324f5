import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { Proposal } from '@/lib/contract/proposals'
import type { Proposed, ReviewedAction } from '@/lib/contract/shapes/proposed-action'
import type { Namespace, TableIdentifier } from '@/lib/iceberg/identifiers'
import { toCallOptions } from './call/retry'
import { useSingleMutation } from './call/use-single-mutation'
import { refreshTable, useRequireSameUser } from './changes'
import { keys } from './keys'
import { moveChanges } from './lifecycle/move-changes'
import { refreshWithout } from './lifecycle/refresh-without'

/** How often an open page looks whether another user has decided. Pages in the background do not. */
const LOOK_EVERY_MS = 15_000

const tableProposals = (table: TableIdentifier) => [...keys.table(table), 'proposals'] as const

/** The newest proposals of a table, with those that were decided. */
export function proposalsQuery(table: TableIdentifier) {
  return queryOptions({
    queryKey: tableProposals(table),
    queryFn: async (context) => (await callEndpoint('listProposals', table, toCallOptions(context))).proposals,
  })
}

/** A proposal with its changes. While it is open, it is read again and again. */
export function proposalQuery(table: TableIdentifier, proposalId: string) {
  return queryOptions({
    queryKey: [...tableProposals(table), proposalId],
    queryFn: async (context) =>
      (await callEndpoint('getProposal', { ...table, proposalId }, toCallOptions(context))).proposal,
    refetchInterval: ({ state: { data } }) => (data?.state === 'open' ? LOOK_EVERY_MS : false),
  })
}

/** Open proposals of all tables that the user may commit or made. */
export function waitingProposalsQuery() {
  return queryOptions({
    queryKey: [...keys.lake(), 'proposals'],
    queryFn: (context) => callEndpoint('listWaitingProposals', {}, toCallOptions(context)),
  })
}

/** Whether tables in the namespace are changed by proposals only. */
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

type ProposeRequest = { proposed: Proposed; title: string; note: string; idempotencyKey: string }

export function usePropose(table: TableIdentifier) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async ({ proposed, ...text }: ProposeRequest) => {
      await requireSameUser()
      const what = proposed.action === null ? {} : { action: proposed.action }
      const request = { ...table, ...text, ...what, intents: [...proposed.intents] }
      return (await callEndpoint('proposeChanges', request)).proposal
    },
    onSettled: () => invalidateProposals(queryClient, table),
  })
}

type CommitOptions = {
  /** Of an action: what the page shows. */
  reviewed?: ReviewedAction | undefined
  /** Of changes: the digest of the request that the page shows. */
  requestDigest?: string | undefined
  confirmedName?: string | undefined
  idempotencyKey: string
}

/**
 * Commits a proposal for the user whom the page shows.
 *
 * @param nameChange when the table does not keep its name: its new one, null when it is gone. `onCommitted` is called
 *   also when the page was left meanwhile
 */
export function useCommitProposal(
  table: TableIdentifier,
  proposalId: string,
  nameChange?: { movesTo: TableIdentifier | null; onCommitted: () => void },
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
      nameChange.onCommitted()
      await Promise.all([
        refreshWithout(queryClient, table.catalog, keys.table(table)),
        queryClient.invalidateQueries({ queryKey: waitingProposalsQuery().queryKey }),
      ])
    },
  })
}

/** Sends a proposal back with a word; without one, withdraws the user's own. */
export function useCloseProposal(table: TableIdentifier, proposalId: string) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async (word: string | null): Promise<Proposal> => {
      await requireSameUser()
      const { proposal } =
        word === null
          ? await callEndpoint('withdrawProposal', { ...table, proposalId })
          : await callEndpoint('returnProposal', { ...table, proposalId, word })
      return proposal
    },
    onSettled: () => invalidateProposals(queryClient, table),
  })
}

async function invalidateProposals(queryClient: ReturnType<typeof useQueryClient>, table: TableIdentifier) {
  await Promise.all([
    refreshTable(queryClient, table),
    queryClient.invalidateQueries({ queryKey: waitingProposalsQuery().queryKey }),
  ])
}
