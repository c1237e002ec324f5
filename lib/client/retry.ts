import type { QueryFunctionContext, QueryState, RefetchOptions } from '@tanstack/react-query'
import type { Sending } from './call'

type FetchMeta = NonNullable<QueryState['fetchMeta']>

/** On a fetch that a person began with *Try again*. React Query hands it through to the state of the query. */
const BY_A_PERSON: FetchMeta = {}

type Refetch = (options: RefetchOptions & { meta: FetchMeta }) => Promise<unknown>

/**
 * Fetches what failed once more, since a person tries again: the requests say so, and the server then asks a catalog
 * that was silent a moment ago at once. Fetches of the page by itself never say so.
 */
export function retryFetch(...refetches: readonly Refetch[]): void {
  for (const refetch of refetches) void refetch({ cancelRefetch: true, meta: BY_A_PERSON })
}

/** How the requests of a fetch are sent. */
export function sendingOf({
  client,
  queryKey,
  signal,
}: Pick<QueryFunctionContext, 'client' | 'queryKey' | 'signal'>): Sending {
  return { signal, isRetry: client.getQueryState(queryKey)?.fetchMeta === BY_A_PERSON }
}
