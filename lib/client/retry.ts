import type { QueryFunctionContext, QueryState, RefetchOptions } from '@tanstack/react-query'
import type { CallOptions } from './call'

type FetchMeta = NonNullable<QueryState['fetchMeta']>

/** On a fetch that a person began with *Try again*. React Query hands it through to the state of the query. */
const USER_RETRY: FetchMeta = {}

type Refetch = (options: RefetchOptions & { meta: FetchMeta }) => Promise<unknown>

/**
 * Fetches what failed once more, since a person tries again: the requests say so, and the server then asks a catalog
 * that was silent a moment ago at once. Fetches of the page by itself never say so.
 */
export function retryFetch(...refetches: readonly Refetch[]): void {
  for (const refetch of refetches) void refetch({ cancelRefetch: true, meta: USER_RETRY })
}

/** How the requests of a fetch are sent. */
export function toCallOptions({
  client,
  queryKey,
  signal,
}: Pick<QueryFunctionContext, 'client' | 'queryKey' | 'signal'>): CallOptions {
  return { signal, isRetry: client.getQueryState(queryKey)?.fetchMeta === USER_RETRY }
}
