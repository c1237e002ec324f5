import { type QueryKey, useQuery, type UseQueryOptions } from '@tanstack/react-query'

/**
 * The review of an action on the entry as it is. After a failure there is no data: an earlier review may no longer be
 * true.
 *
 * @param isEnabled false while there is nothing to review, such as during and after the action
 */
export function useReview<Data, Key extends QueryKey>(
  options: UseQueryOptions<Data, Error, Data, Key>,
  isEnabled: boolean,
) {
  const query = useQuery({ ...options, enabled: isEnabled })
  return { query, data: query.error ? undefined : query.data }
}

/** Whether a request can be reviewed: it is not being sent, and it was not carried out. */
export function isUnsent({ isPending, isSuccess }: { isPending: boolean; isSuccess: boolean }): boolean {
  return !isPending && !isSuccess
}
