import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callReview } from '../call/call-review'
import { REVIEW_META } from '../call/refresh-queries'
import { toCallOptions } from '../call/retry'
import { useSingleMutation } from '../call/use-single-mutation'
import { isOpen } from './compression'
import { keys } from '../keys'

const POLL_INTERVAL_MS = 1_500

/** The files that differ from the settings of their columns, read again with each state of the table. */
export function rewritePreviewQuery(table: TableIdentifier, metadataLocation: string) {
  return queryOptions({
    queryKey: [...keys.table(table), 'rewrite-preview', metadataLocation],
    meta: REVIEW_META,
    queryFn: (context) => callReview('getRewritePreview', table, toCallOptions(context)),
  })
}

/** The newest rewrite of a table, polled until it has ended. */
export function rewriteQuery(table: TableIdentifier) {
  return queryOptions({
    queryKey: [...keys.table(table), 'rewrite'],
    queryFn: (context) => callEndpoint('getRewrite', table, toCallOptions(context)),
    refetchInterval: ({ state }) => (isOpen(state.data?.run ?? null) ? POLL_INTERVAL_MS : false),
  })
}

/** Queues a rewrite, and shows the run at once. */
export function useStartRewrite(table: TableIdentifier) {
  const client = useQueryClient()
  return useSingleMutation({
    mutationFn: () => callEndpoint('startRewrite', table),
    onSuccess: ({ run }) => client.setQueryData(rewriteQuery(table).queryKey, { run }),
    onError: () => client.invalidateQueries({ queryKey: rewriteQuery(table).queryKey }),
  })
}

/** Shows the table as it is after a rewrite. */
export function useRefreshTable(table: TableIdentifier): () => void {
  const client = useQueryClient()
  return () => void client.invalidateQueries({ queryKey: keys.table(table) })
}
