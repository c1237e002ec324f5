import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { getBulkChange, runBulkChange, startBulkChange, TableSelection } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { toCallOptions } from './call/retry'
import { useKeyedRequest } from './call/use-keyed-request'
import { useRefreshingMutation } from './call/use-refreshing-mutation'
import { keys } from './keys'
import { useRequireSameUser } from './table/changes'

/** Changes of many tables, which runs on the server carry out. */

export type BulkChangeIdentifier = { catalog: string; bulkChangeId: string }

const POLL_INTERVAL_MS = 1_500

/** The tables of a catalog that meet the conditions, page after page. */
export function selectedTablesQuery(catalog: string, selection: TableSelection) {
  return infiniteQueryOptions({
    queryKey: [...keys.catalog(catalog), 'selected-tables', selection],
    queryFn: (context) =>
      callEndpoint('listSelectedTables', { catalog, ...selection, offset: context.pageParam }, toCallOptions(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    placeholderData: keepPreviousData,
  })
}

type BulkChangeDetail = z.output<typeof getBulkChange.output>

/** Polled while its run has not ended. */
export function bulkChangeQuery(on: BulkChangeIdentifier) {
  return queryOptions({
    queryKey: keys.bulkChange(on),
    queryFn: async (context) => {
      const change = await callEndpoint('getBulkChange', on, toCallOptions(context))
      const known = context.client.getQueryData<BulkChangeDetail>(keys.bulkChange(on))
      if (known) refreshChanged(context.client, on, known, change)
      return change
    },
    refetchInterval: ({ state: { data } }) => (data?.run?.finishedAtMs === null ? POLL_INTERVAL_MS : false),
  })
}

/** Reads what follows from the change again: its list of tables and, after a step that writes, the catalog. */
function refreshChanged(
  client: QueryClient,
  on: BulkChangeIdentifier,
  known: BulkChangeDetail,
  { run, step, counts, changes }: BulkChangeDetail,
): void {
  // Until then, the list is polled too.
  if (run?.finishedAtMs === null) return
  const hasEnded = run !== null && (known.run?.id !== run.id || known.run.finishedAtMs === null)
  // The last poll of the list may have come before that of the counts.
  if (hasEnded || JSON.stringify(known.counts) !== JSON.stringify(counts)) {
    void client.invalidateQueries({ queryKey: tablesKey(on) })
  }
  if (!hasEnded || step === 'preview') return
  void client.invalidateQueries({ queryKey: keys.catalog(on.catalog) })
  if (changes.some(({ kind }) => kind === 'grant')) void client.invalidateQueries({ queryKey: keys.access() })
}

function tablesKey(on: BulkChangeIdentifier) {
  return [...keys.bulkChange(on), 'tables']
}

/**
 * The earlier values of its properties.
 *
 * @param runId of the newest run: a preview reads them again
 */
export function bulkValuesQuery(on: BulkChangeIdentifier, runId: string | null) {
  return queryOptions({
    queryKey: [...keys.bulkChange(on), 'values', runId],
    queryFn: (context) => callEndpoint('getBulkValues', on, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}

/** Its tables with their results, page after page. @param isOpen whether its run has not ended */
export function bulkChangeTablesQuery(
  on: BulkChangeIdentifier,
  { state, search }: { state: BulkTableState | null; search: string },
  isOpen: boolean,
) {
  return infiniteQueryOptions({
    queryKey: [...tablesKey(on), state, search],
    queryFn: (context) =>
      callEndpoint(
        'listBulkChangeTables',
        { ...on, ...(state !== null && { state }), search, offset: context.pageParam },
        toCallOptions(context),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    placeholderData: keepPreviousData,
    refetchInterval: isOpen && POLL_INTERVAL_MS,
  })
}

type Start = Omit<z.output<typeof startBulkChange.input>, 'catalog' | 'idempotencyKey'>

/** Stores the list of tables, and queues its preview. */
export function useStartBulkChange(catalog: string) {
  const requireSameUser = useRequireSameUser()
  const sendKeyed = useKeyedRequest()
  return useRefreshingMutation(
    async (start: Start) => {
      await requireSameUser()
      return sendKeyed(start, (keyed) => callEndpoint('startBulkChange', { catalog, ...keyed }))
    },
    [keys.jobs()],
  )
}

export type BulkRunRequest = Pick<
  z.output<typeof runBulkChange.input>,
  'step' | 'proposal' | 'isContinued' | 'confirmation' | 'stopsOpenRun'
>

/** Stops the open run. It ends when the tables under way are finished. */
export function useStopBulkChange(on: BulkChangeIdentifier) {
  return useRefreshingMutation(() => callEndpoint('stopBulkChange', on), [keys.bulkChange(on), keys.jobs()])
}

export function useRunBulkChange(on: BulkChangeIdentifier) {
  const requireSameUser = useRequireSameUser()
  const sendKeyed = useKeyedRequest()
  return useRefreshingMutation(
    async (request: BulkRunRequest) => {
      await requireSameUser()
      return sendKeyed(request, (keyed) => callEndpoint('runBulkChange', { ...on, ...keyed }))
    },
    [keys.bulkChange(on), keys.jobs()],
  )
}
