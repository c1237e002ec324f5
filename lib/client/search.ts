import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

/** Hits for words; previous results stay visible while new ones load. */
export function everythingQuery(words: string) {
  return queryOptions({
    queryKey: [...keys.lake(), 'search-everything', words],
    queryFn: (context) => callEndpoint('searchEverything', { words }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}

/** Tables, views and namespaces by words of their names; previous results stay visible while new ones load. */
export function searchQuery(words: string) {
  return queryOptions({
    queryKey: [...keys.lake(), 'search', words],
    queryFn: (context) => callEndpoint('searchLake', { words }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}
