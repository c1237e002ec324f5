import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/** While a load runs, rejects are added after each of its files. */
const POLL_INTERVAL_MS = 5_000

/** All rejects, those of one column, or those that are whole rows; each with any reason or with one. */
export type RejectFilter = { column?: string; wholeRows?: 'true'; reason?: string }

/** The rows that a load rejected, page after page. They do not change once the run has ended. */
export function rejectsQuery(runId: string, { isFinal, filter = {} }: { isFinal: boolean; filter?: RejectFilter }) {
  return infiniteQueryOptions({
    queryKey: [...keys.run(runId), 'rejects', isFinal, filter],
    queryFn: (context) =>
      callEndpoint('listRejects', { run: runId, offset: context.pageParam, ...filter }, toCallOptions(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    placeholderData: keepPreviousData,
    ...(isFinal ? { staleTime: Number.POSITIVE_INFINITY } : { refetchInterval: POLL_INTERVAL_MS }),
  })
}
