import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { FacetKind } from '@/lib/contract/facets'
import { isWithinKey, keys } from './keys'
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

/**
 * The owners or the tags of tables and views; previous results stay visible while those of another text load.
 *
 * @param search only those that contain it
 */
export function facetsQuery(kind: FacetKind, search = '') {
  const facetsKey = [...keys.lake(), 'facets', kind]
  return queryOptions({
    queryKey: [...facetsKey, { search }],
    queryFn: (context) =>
      callEndpoint('listFacets', { kind, ...(search !== '' && { search }) }, toCallOptions(context)),
    placeholderData: (previous, before) => (isWithinKey(before?.queryKey, facetsKey) ? previous : undefined),
  })
}

/** The tables and views with an owner or a tag, page after page. */
export function facetEntriesQuery(kind: FacetKind, name: string) {
  return infiniteQueryOptions({
    queryKey: [...keys.lake(), 'facets', kind, name],
    queryFn: (context) =>
      callEndpoint('listFacetEntries', { kind, name, offset: context.pageParam }, toCallOptions(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
  })
}
