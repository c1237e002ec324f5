import { queryOptions } from '@tanstack/react-query'
import { fetchOrThrow } from '@/lib/api/fetch-or-throw'
import { unreadableResponseError } from '@/lib/api/response-error'
import { UPLOADS_PATH } from '@/lib/contract/shapes/plain-values'
import { keys } from '../keys'

/** The bytes that an upload has at most, as the server says in the protocol of uploads. */
export function uploadLimitQuery() {
  return queryOptions({
    queryKey: keys.uploadLimit(),
    queryFn: async ({ signal }) => {
      const response = await fetchOrThrow(UPLOADS_PATH, { method: 'OPTIONS', signal })
      const maxBytes = Number(response.headers.get('tus-max-size'))
      if (!(maxBytes > 0)) throw unreadableResponseError(response, undefined)
      return maxBytes
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}
