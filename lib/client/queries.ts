import { infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import type { SavedQuery } from '@/lib/contract/queries'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { toCallOptions } from './call/retry'
import { useRefreshingMutation } from './call/use-refreshing-mutation'
import { useSingleMutation } from './call/use-single-mutation'
import { keys } from './keys'

const PAGE_SIZE = 50

/**
 * Saved queries that the user may read, newest first, page after page.
 *
 * @param contains part of the name or the text; empty: all
 */
export function savedQueriesQuery(contains: string) {
  return infiniteQueryOptions({
    queryKey: [...keys.queries(), contains],
    queryFn: (context) =>
      callEndpoint(
        'listQueries',
        {
          limit: PAGE_SIZE,
          ...(contains !== '' && { contains }),
          ...(context.pageParam !== null && { before: context.pageParam }),
        },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextBefore }) => nextBefore,
    placeholderData: keepPreviousData,
  })
}

const MAX_NAMED = 200

/** Queries whose name or text contains a name, which finds those of that name; the newest, if there are very many. */
export function queriesNamedQuery(name: string) {
  return queryOptions({
    queryKey: [...keys.queries(), 'named', name],
    queryFn: (context) => callEndpoint('listQueries', { limit: MAX_NAMED, contains: name }, toCallOptions(context)),
  })
}

/** Reads the whole text of a query. */
export function useReadQuery() {
  return useSingleMutation({
    mutationFn: async (queryId: string) => (await callEndpoint('getQuery', { query: queryId })).query,
  })
}

/** The stored versions of a query, newest first. */
export function queryVersionsQuery(queryId: string) {
  return queryOptions({
    queryKey: [...keys.queries(), 'versions', queryId],
    queryFn: (context) => callEndpoint('listQueryVersions', { query: queryId }, toCallOptions(context)),
  })
}

/** Reads a query with the contents of one of its versions. */
export function useReadVersion() {
  return useSingleMutation({
    mutationFn: async ({ queryId, version }: { queryId: string; version: number }) => {
      const [{ query }, { version: stored }] = await Promise.all([
        callEndpoint('getQuery', { query: queryId }),
        callEndpoint('getQueryVersion', { query: queryId, version }),
      ])
      return { query, stored }
    },
  })
}

export type QueryForm = Pick<SavedQuery, 'name' | 'sql' | 'isShared' | 'parameters' | 'folder' | 'display'> & {
  /** Absent while it is not known: the server then stores that of the query, or the usual one. */
  connection?: string
}

/** Saves a new query, or changes the one that `opened` names. */
export function useSaveQuery() {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: async ({ opened, ...form }: QueryForm & { opened: Pick<SavedQuery, 'queryId' | 'version'> | null }) => {
      const { query } =
        opened === null
          ? await callEndpoint('saveQuery', form)
          : await callEndpoint('changeQuery', { ...form, query: opened.queryId, version: opened.version })
      return query
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.queries() }),
  })
}

export function useRemoveQuery() {
  return useRefreshingMutation((queryId: string) => callEndpoint('removeQuery', { query: queryId }), [keys.queries()])
}
