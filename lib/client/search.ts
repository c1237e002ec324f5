import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { searchLake } from '@/lib/contract/search'
import { call } from './call'
import { keys } from './keys'
import { toCallOptions } from './retry'

/** Tables, views and namespaces by words of their names; previous results stay visible while new ones load. */
export function searchQuery(words: string) {
  return queryOptions({
    queryKey: [...keys.lake(), 'search', words],
    queryFn: (context) => call(searchLake, { words }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}
