import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { Proposal } from '@/lib/contract/proposals'
import type { Namespace, TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Intent } from '@/lib/iceberg/intents/intent'
import { toCallOptions } from './call/retry'
import { useSingleMutation } from './call/use-single-mutation'
import { useRequireSameUser } from './changes'
import { keys } from './keys'

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
    mutationFn: (requiresProposal: boolean) =>
      callEndpoint('setChangePolicy', { catalog, namespace, requiresProposal }),
    // It holds for the namespaces within, too.
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.catalog(catalog) }),
  })
}

export function usePropose(table: TableIdentifier) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async ({ intents, ...text }: { intents: readonly Intent[]; title: string; note: string }) => {
      await requireSameUser()
      return (await callEndpoint('proposeChanges', { ...table, ...text, intents: [...intents] })).proposal
    },
    onSettled: () => invalidateProposals(queryClient, table),
  })
}

/** Commits a proposal for the user whom the page shows. */
export function useCommitProposal(table: TableIdentifier, proposalId: string) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async (options: { confirmedName?: string | undefined; idempotencyKey: string }) => {
      await requireSameUser()
      return callEndpoint('commitProposal', { ...table, proposalId, ...options })
    },
    onSettled: () => invalidateProposals(queryClient, table),
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
    queryClient.invalidateQueries({ queryKey: keys.table(table) }),
    queryClient.invalidateQueries({ queryKey: waitingProposalsQuery().queryKey }),
  ])
}
