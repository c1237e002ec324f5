import { infiniteQueryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

/**
 * The content of a folder of a catalog's warehouse, page after page.
 *
 * @param folder a location; null for the warehouse itself
 */
export function warehouseQuery(catalog: string, folder: string | null) {
  return infiniteQueryOptions({
    queryKey: [...keys.catalog(catalog), 'warehouse', folder],
    queryFn: (context) =>
      callEndpoint(
        'listWarehouse',
        {
          catalog,
          ...(folder !== null && { folder }),
          ...(context.pageParam !== null && { pageToken: context.pageParam }),
        },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextPageToken,
  })
}
