import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { type ChangeIntent, commitChanges, reviewChanges } from '@/lib/contract/changes'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { call } from './call'
import { keys } from './keys'
import { sendingOf } from './retry'

/** The commit these changes would be, judged against the table as it is now. */
export function changeReviewQuery(ref: TableRef, intents: readonly ChangeIntent[]) {
  return queryOptions({
    queryKey: [...keys.table(ref), 'change-review', intents],
    queryFn: (context) => call(reviewChanges, { ...ref, intents: [...intents] }, sendingOf(context)),
    gcTime: 0,
  })
}

export function useCommitChanges(ref: TableRef) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (intents: readonly ChangeIntent[]) => call(commitChanges, { ...ref, intents: [...intents] }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.table(ref) }),
  })
}
