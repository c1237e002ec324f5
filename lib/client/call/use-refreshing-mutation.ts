'use client'
import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { refreshQueries } from './refresh-queries'
import { useSingleMutation } from './use-single-mutation'

/**
 * Sends a request, and reads all queries below the keys again when it has ended, even with an error, but reviews only
 * then.
 *
 * @param gcTime how long an unused response stays cached
 */
export function useRefreshingMutation<Data, Variables = void>(
  mutationFn: (variables: Variables) => Promise<Data>,
  queryKeys: readonly QueryKey[],
  { gcTime }: { gcTime?: number } = {},
) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn,
    ...(gcTime !== undefined && { gcTime }),
    onSettled: (_, error) => refreshQueries(queryClient, queryKeys, { hasFailed: error !== null }),
  })
}
