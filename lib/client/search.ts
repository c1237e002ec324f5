import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

/** Hits for words; previous results stay visible while new ones load. */
export function everythingQuery(query: string) {
  return queryOptions({
    queryKey: [...keys.lake(), 'search-everything', query],
    queryFn: (context) => callEndpoint('searchEverything', { query }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}

/** Tables, views and namespaces by words of their names; previous results stay visible while new ones load. */
export function searchQuery(query: string) {
  return queryOptions({
    queryKey: [...keys.lake(), 'search', query],
    queryFn: (context) => callEndpoint('searchLake', { query }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}
