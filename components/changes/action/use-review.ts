import { type QueryKey, useQuery, useQueryClient, type UseQueryOptions } from '@tanstack/react-query'
import { useEffect, useEffectEvent } from 'react'
import { isOutcomeKnown } from '@/lib/errors'

/** The request that carries out the reviewed action. */
export type SentAction = { isPending: boolean; isSuccess: boolean; error: Error | null }

/** The review is shown where the action is not carried out. */
export const NOT_SENT: SentAction = { isPending: false, isSuccess: false, error: null }

/**
 * The review of an action on the entry as it is. It is not read while the action may be carried out, and not after it
 * was: it would find that the action no longer fits. A review that is on its way then is cancelled. After a failure there
 * is no data: an earlier review may no longer be true.
 *
 * @param isEnabled false while there is nothing to review
 */
export function useReview<Data, Key extends QueryKey>(
  options: UseQueryOptions<Data, Error, Data, Key>,
  sent: SentAction,
  isEnabled = true,
) {
  const queryClient = useQueryClient()
  const isOpen = isReviewable(sent)
  const query = useQuery({ ...options, enabled: isEnabled && isOpen })
  const cancel = useEffectEvent(() => queryClient.cancelQueries({ queryKey: options.queryKey, exact: true }))
  useEffect(() => {
    if (!isOpen) void cancel()
  }, [isOpen])
  return { query, data: query.error ? undefined : query.data }
}

/** Whether a review of the action may be read. */
export function isReviewable({ isPending, isSuccess, error }: SentAction): boolean {
  return !isPending && !isSuccess && (error === null || isOutcomeKnown(error))
}

/** Whether the action is not being carried out, and was not. */
export function isUnsent({ isPending, isSuccess }: Pick<SentAction, 'isPending' | 'isSuccess'>): boolean {
  return !isPending && !isSuccess
}
