import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'

/** Whether the server runs queries, and what one may take there. It changes only when the server restarts. */
export function queryServerQuery() {
  return queryOptions({
    queryKey: ['query-server'],
    queryFn: ({ signal }) => callEndpoint('getQueryServer', {}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
}
