import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callReview } from '../call/call-review'
import { REVIEW_META } from '../call/refresh-queries'
import { toCallOptions } from '../call/retry'
import { useSingleMutation } from '../call/use-single-mutation'
import { keys } from '../keys'

/** A filter of rows, and the branch that they are deleted from; null: `main`. */
export type RowDeletion = { where: string; branch: string | null }

function toFields({ where, branch }: RowDeletion) {
  return { where, ...(branch !== null && { branch }) }
}

/** The rows and files that a deletion would remove, read again with each state of the table. */
export function rowDeletionReviewQuery(table: TableIdentifier, deletion: RowDeletion, metadataLocation: string) {
  return queryOptions({
    queryKey: [...keys.table(table), 'row-deletion-review', deletion, metadataLocation],
    meta: REVIEW_META,
    queryFn: (context) => callReview('reviewRowDeletion', { ...table, ...toFields(deletion) }, toCallOptions(context)),
  })
}

/** Queues the run. The same deletion, sent again after a failure, is queued once. */
export function useDeleteRows(table: TableIdentifier) {
  return useSingleMutation({
    mutationFn: ({
      deletion,
      ...confirmed
    }: {
      deletion: RowDeletion
      confirmedName: string
      idempotencyKey: string
    }) => callEndpoint('startRowDeletion', { ...table, ...toFields(deletion), ...confirmed }),
  })
}
