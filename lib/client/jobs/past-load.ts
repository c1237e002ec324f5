import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { fetchOrThrow } from '@/lib/api/fetch-or-throw'
import { rejectedRecordsUrl } from '@/lib/api/file-bytes-url'
import { responseError } from '@/lib/api/response-error'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/** How often the corrections are read again while one of them runs. */
const CORRECTION_INTERVAL_MS = 3_000

/**
 * The request of a load, and the loads that correct it. How many of its rejected rows were saved is known when the run has
 * ended: what was read before does not count then.
 */
export function pastLoadQuery(runId: string, { isFinal }: { isFinal: boolean }) {
  return queryOptions({
    queryKey: [...keys.run(runId), 'load', isFinal],
    queryFn: (context) => callEndpoint('getLoad', { run: runId }, toCallOptions(context)),
    placeholderData: keepPreviousData,
    // A page that is opened again after a correction names it.
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.corrections.some(({ state: its }) => its !== 'succeeded') === true ? CORRECTION_INTERVAL_MS : false,
  })
}

export type PastLoad = Awaited<ReturnType<NonNullable<ReturnType<typeof pastLoadQuery>['queryFn']>>>

/** Rejected rows that a page shows for correction; more are corrected in a file. */
const MAX_CORRECTED_BYTES = 1024 * 1024

/** The records that a load rejected, as text; null if they are too many to correct them on a page. */
export function rejectedTextQuery(runId: string, encoding: CsvOptions['encoding']) {
  return queryOptions({
    queryKey: [...keys.run(runId), 'rejected-text', encoding],
    queryFn: async ({ signal }): Promise<string | null> => {
      const response = await fetchOrThrow(rejectedRecordsUrl(runId), { signal })
      if (!response.ok) throw responseError(response, await response.json())
      if (Number(response.headers.get('content-length')) > MAX_CORRECTED_BYTES) {
        await response.body?.cancel()
        return null
      }
      return new TextDecoder(encoding).decode(await response.arrayBuffer())
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}
