import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { useRefreshingMutation } from '../call/use-refreshing-mutation'
import { useSingleMutation } from '../call/use-single-mutation'
import { isOpen } from './compression'
import { keys } from '../keys'

const RUN_INTERVAL_MS = 1_500

/**
 * The branches and snapshots that can be audited and published, read again while checks run.
 *
 * @param snapshotId only candidates at this snapshot
 */
export function publicationsQuery(table: TableIdentifier, snapshotId?: string) {
  return queryOptions({
    queryKey: [...keys.table(table), 'publications', snapshotId ?? null],
    queryFn: (context) =>
      callEndpoint(
        'listPublications',
        { ...table, ...(snapshotId !== undefined && { snapshotId }) },
        toCallOptions(context),
      ),
    refetchInterval: ({ state }) =>
      state.data?.publications.some(({ run }) => isOpen(run)) === true ? RUN_INTERVAL_MS : false,
  })
}

/** Queues a run of the table's checks on a snapshot, and shows it at once. */
export function useStartChecks(table: TableIdentifier) {
  return useRefreshingMutation(
    (snapshotId: string) => callEndpoint('startChecks', { ...table, snapshotId }),
    [[...keys.table(table), 'publications']],
  )
}

type PublishRequest = { snapshotId: string; branch: string | null; mainSnapshotId: string; idempotencyKey: string }

export function usePublish(table: TableIdentifier) {
  return useRefreshingMutation(
    (request: PublishRequest) => callEndpoint('publish', { ...table, ...request }),
    [keys.table(table)],
  )
}

/** Runs a check that is not saved. Its result is stored nowhere. */
export function useRunDraftCheck(table: TableIdentifier) {
  return useSingleMutation({
    mutationFn: (draft: { sql: string; snapshotId: string }) => callEndpoint('runDraftCheck', { ...table, ...draft }),
  })
}
