import { keepPreviousData, queryOptions, skipToken } from '@tanstack/react-query'
import type { z } from 'zod'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { ExpiryCriteria } from '@/lib/contract/table/expiry'
import type { expiryChoice } from '@/lib/contract/shapes/proposed-table-action'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callReview } from '../call/call-review'
import { toCallOptions } from '../call/retry'
import { useKeyedRequest } from '../call/use-keyed-request'
import { useRefreshingMutation } from '../call/use-refreshing-mutation'
import { useSingleMutation } from '../call/use-single-mutation'
import { REVIEW_META } from '../call/refresh-queries'
import { keys } from '../keys'

/** The criteria that a user chose; the properties of the table decide the others. */
export type ExpiryChoice = z.output<typeof expiryChoice>

/** The snapshots, refs and files that an expiry would remove now, and the intent that removes them. */
export function expiryPreviewQuery(table: TableIdentifier, choice: ExpiryChoice) {
  return queryOptions({
    queryKey: [...keys.table(table), 'expiry-preview', choice],
    meta: REVIEW_META,
    queryFn: (context) => callReview('previewExpiry', { ...table, ...choice }, toCallOptions(context)),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  })
}

/** The files that an expiry would remove; the list is null when reading takes too long. @param criteria null: not requested */
export function expiryFilesQuery(table: TableIdentifier, criteria: ExpiryCriteria | null) {
  return queryOptions({
    queryKey: [...keys.table(table), 'expiry-files', criteria],
    queryFn:
      criteria === null
        ? skipToken
        : (context) => callEndpoint('listExpiryFiles', { ...table, ...criteria }, toCallOptions(context)),
    refetchOnWindowFocus: false,
    gcTime: 0,
  })
}

const COUNT_INTERVAL_MS = 1_000

/** The files that a run has counted, polled until it has ended. @param runId null before a run was started */
export function expiryCountQuery(table: TableIdentifier, runId: string | null) {
  return queryOptions({
    queryKey: [...keys.table(table), 'expiry-count', runId],
    queryFn: (context) => callEndpoint('getExpiryCount', { ...table, run: runId ?? '' }, toCallOptions(context)),
    enabled: runId !== null,
    refetchInterval: ({ state }) => (state.data?.run.finishedAtMs === null ? COUNT_INTERVAL_MS : false),
  })
}

export function useStartExpiryCount(table: TableIdentifier) {
  return useSingleMutation({
    mutationFn: (criteria: ExpiryCriteria) => callEndpoint('startExpiryCount', { ...table, ...criteria }),
  })
}

const PENDING_INTERVAL_MS = 15_000

/** Expiries whose files are still to be removed, or that can be undone. */
export function pendingExpiriesQuery(table: TableIdentifier) {
  return queryOptions({
    queryKey: [...keys.table(table), 'pending-expiries'],
    queryFn: (context) => callEndpoint('listExpiries', table, toCallOptions(context)),
    select: ({ expiries }) => expiries,
    refetchInterval: ({ state }) => (state.data && state.data.expiries.length > 0 ? PENDING_INTERVAL_MS : false),
  })
}

export function expiryUndoQuery(table: TableIdentifier, auditId: string) {
  return queryOptions({
    queryKey: [...keys.table(table), 'expiry-undo', auditId],
    meta: REVIEW_META,
    queryFn: (context) => callReview('previewExpiryUndo', { ...table, auditId }, toCallOptions(context)),
  })
}

export function useUndoExpiry(table: TableIdentifier) {
  const sendKeyed = useKeyedRequest()
  return useRefreshingMutation(
    (choice: { auditId: string; newName?: string }) =>
      sendKeyed({ ...table, ...choice }, (input) => callEndpoint('undoExpiry', input)),
    [keys.table(table), keys.jobs()],
  )
}

/** Cancels the removal of files, which then stay. */
export function useCancelRemoval(table: TableIdentifier) {
  return useRefreshingMutation(
    (runId: string) => callEndpoint('cancelRun', { run: runId }),
    [keys.table(table), keys.jobs()],
  )
}
