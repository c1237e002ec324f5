import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

/** Names and kinds only, which are known at once: no catalog is contacted. */
export function catalogsQuery() {
  return queryOptions({
    queryKey: keys.catalogs(),
    queryFn: (context) => callEndpoint('listCatalogs', { namesOnly: 'true' }, toCallOptions(context)),
    select: (output) => output.catalogs,
  })
}

/** With their details, or why these are unknown. Waits until the slowest catalog has answered or timed out. */
export function catalogDetailsQuery() {
  return queryOptions({
    queryKey: keys.catalogDetails(),
    queryFn: (context) => callEndpoint('listCatalogs', {}, toCallOptions(context)),
    select: (output) => output.catalogs,
  })
}
