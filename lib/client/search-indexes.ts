import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { ENDED_STATES } from '@/lib/contract/shapes/plain-values'
import { toCallOptions } from './call/retry'
import { useRefreshingMutation } from './call/use-refreshing-mutation'
import { keys } from './keys'

const REFRESH_INTERVAL_MS = 2_000

const indexesKey = [...keys.connections(), 'search-indexes'] as const

/** The state of the search index for each catalog; read again while one of them is being read. */
export function searchIndexesQuery() {
  return queryOptions({
    queryKey: indexesKey,
    queryFn: (context) => callEndpoint('listSearchIndexes', {}, toCallOptions(context)),
    select: (output) => output.indexes,
    refetchInterval: ({ state }) => {
      const runs = state.data?.indexes.map(({ lastRun }) => lastRun) ?? []
      const isOpen = runs.some((run) => run !== null && !ENDED_STATES.some((ended) => ended === run.state))
      return isOpen && REFRESH_INTERVAL_MS
    },
  })
}

/** Queues a crawl of a catalog. */
export function useIndexCatalog() {
  return useRefreshingMutation(
    (catalog: string) => callEndpoint('indexCatalog', { catalog }),
    [indexesKey, keys.jobs()],
  )
}
