import { infiniteQueryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { isWithinKey, keys } from './keys'
import { toCallOptions } from './call/retry'

/**
 * The content of a folder of a catalog's warehouse, page after page.
 *
 * @param folder a location; null for the warehouse itself
 * @param search lists only entries whose names contain it
 */
export function warehouseQuery(catalog: string, folder: string | null, search = '') {
  const folderKey = [...keys.catalog(catalog), 'warehouse', folder]
  return infiniteQueryOptions({
    queryKey: [...folderKey, search],
    queryFn: (context) =>
      callEndpoint(
        'listWarehouse',
        {
          catalog,
          ...(folder !== null && { folder }),
          ...(search !== '' && { search }),
          ...(context.pageParam !== null && { pageToken: context.pageParam }),
        },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextPageToken,
    placeholderData: (previous, before) => (isWithinKey(before?.queryKey, folderKey) ? previous : undefined),
  })
}
