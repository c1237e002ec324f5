import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callReview } from '../call/call-review'
import { toCallOptions } from '../call/retry'
import { useRefreshingMutation } from '../call/use-refreshing-mutation'
import { REVIEW_META } from '../call/refresh-queries'
import { keys } from '../keys'

/** The effects of cherry-picking a snapshot onto a branch. */
export function cherryPickQuery(table: TableIdentifier, snapshotId: string, branch: string) {
  return queryOptions({
    queryKey: [...keys.table(table), 'cherry-pick', snapshotId, branch],
    meta: REVIEW_META,
    queryFn: (context) => callReview('reviewCherryPick', { ...table, snapshotId, branch }, toCallOptions(context)),
  })
}

type CherryPickRequest = {
  snapshotId: string
  branch: string
  tipSnapshotId: string | null
  allowsUnknownAncestry?: boolean
  idempotencyKey: string
}

export function useCherryPick(table: TableIdentifier) {
  return useRefreshingMutation(
    (request: CherryPickRequest) => callEndpoint('commitCherryPick', { ...table, ...request }),
    [keys.table(table)],
  )
}
