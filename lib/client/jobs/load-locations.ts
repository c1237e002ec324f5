import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/** The locations and the hosts whose files can be loaded into a table. */
export function loadLocationsQuery(table: TableIdentifier) {
  return queryOptions({
    queryKey: [...keys.table(table), 'load-locations'],
    queryFn: (context) => callEndpoint('listLoadLocations', table, toCallOptions(context)),
  })
}

/**
 * A folder of a location, page after page.
 *
 * @param options.folder empty for the location itself
 */
export function locationFolderQuery(
  table: TableIdentifier,
  { location, folder }: { location: string; folder: string },
) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(table), 'load-locations', location, 'folder', folder],
    queryFn: (context) =>
      callEndpoint(
        'listLocationFiles',
        {
          ...table,
          location,
          ...(folder !== '' && { folder }),
          ...(context.pageParam !== null && { cursor: context.pageParam }),
        },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  })
}

/** The files of a location that match a pattern. The earlier ones stay visible while the pattern changes. */
export function locationSearchQuery(table: TableIdentifier, { location, match }: { location: string; match: string }) {
  return queryOptions({
    queryKey: [...keys.table(table), 'load-locations', location, 'search', match],
    queryFn: (context) => callEndpoint('findLocationFiles', { ...table, location, match }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}
