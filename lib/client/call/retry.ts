import type { QueryFunctionContext, QueryState, RefetchOptions } from '@tanstack/react-query'
import type { CallOptions } from '@/lib/api/request'
import { findPageTransport } from './page-transport'

type FetchMeta = NonNullable<QueryState['fetchMeta']>

/** Marks a fetch that the user started with *Try again*. React Query passes it on in the state of the query. */
const USER_RETRY: FetchMeta = {}

export type Refetch = (options: RefetchOptions & { meta: FetchMeta }) => Promise<unknown>

/**
 * Fetches again what failed, because the user clicked *Try again*. The requests say so, and the server then contacts a
 * catalog that just failed to answer at once. Automatic fetches of the page never say so.
 */
export function retryFetch(...refetches: readonly Refetch[]): void {
  for (const refetch of refetches) void refetch({ cancelRefetch: true, meta: USER_RETRY })
}

/** The options for the requests of a fetch. */
export function toCallOptions({
  client,
  queryKey,
  signal,
}: Pick<QueryFunctionContext, 'client' | 'queryKey' | 'signal'>): CallOptions {
  return {
    signal,
    isRetry: client.getQueryState(queryKey)?.fetchMeta === USER_RETRY,
    transport: findPageTransport(client),
  }
}
