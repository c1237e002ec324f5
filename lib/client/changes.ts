import { queryOptions, useQueryClient } from '@tanstack/react-query'
import type { ChangeIntent } from '@/lib/contract/changes'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { callEndpoint } from './call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './retry'
import { useSingleMutation } from './use-single-mutation'

/** The commit that these changes would become, checked against the current table. */
export function changeReviewQuery(identifier: TableIdentifier, intents: readonly ChangeIntent[]) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'change-review', intents],
    queryFn: (context) =>
      callEndpoint('reviewChanges', { ...identifier, intents: [...intents] }, toCallOptions(context)),
    gcTime: 0,
  })
}

export function useCommitChanges(identifier: TableIdentifier) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: (intents: readonly ChangeIntent[]) =>
      callEndpoint('commitChanges', { ...identifier, intents: [...intents] }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.table(identifier) }),
  })
}
