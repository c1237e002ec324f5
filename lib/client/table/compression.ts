import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Run } from '@/lib/contract/jobs'
import { toCallOptions } from '../call/retry'
import { useRefreshingMutation } from '../call/use-refreshing-mutation'
import { fileLists } from './files'
import { keys } from '../keys'

/** The stored size and encodings of each column, read again with each state of the table that is shown. */
export function columnStorageQuery(table: TableIdentifier, metadataLocation: string) {
  return queryOptions({
    queryKey: [...keys.table(table), 'column-storage', metadataLocation],
    queryFn: async (context) => {
      const storage = await callEndpoint('getColumnStorage', table, toCallOptions(context))
      // The server has read footers for it, so lists of files can show their figures.
      void context.client.invalidateQueries({ queryKey: fileLists(table) })
      return storage
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}

const TRIAL_INTERVAL_MS = 1_500

/**
 * The newest trial of codecs for a column, polled until it has ended, and read again with each state of the table: a
 * commit may replace the files that were sampled.
 */
export function compressionTrialQuery(table: TableIdentifier, fieldId: number, metadataLocation: string) {
  return queryOptions({
    queryKey: [...trialsOfColumn(table, fieldId), metadataLocation],
    queryFn: (context) => callEndpoint('getCompressionTrial', { ...table, column: fieldId }, toCallOptions(context)),
    refetchInterval: ({ state }) => (isOpen(state.data?.run ?? null) ? TRIAL_INTERVAL_MS : false),
  })
}

function trialsOfColumn(table: TableIdentifier, fieldId: number) {
  return [...keys.table(table), 'compression-trial', fieldId]
}

/** Whether a run waits or is in progress. */
export function isOpen(run: Pick<Run, 'finishedAtMs'> | null): boolean {
  return run !== null && run.finishedAtMs === null
}

/** Queues a trial of codecs for a column, and shows the run at once. */
export function useStartTrial(table: TableIdentifier, fieldId: number) {
  return useRefreshingMutation(
    () => callEndpoint('startCompressionTrial', { ...table, fieldId }),
    [trialsOfColumn(table, fieldId)],
  )
}
