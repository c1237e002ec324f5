import { type QueryClient, queryOptions, useQueryClient } from '@tanstack/react-query'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { AppError } from '@/lib/errors'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { callReview } from '../call/call-review'
import { keys } from '../keys'
import { refreshQueries, REVIEW_META } from '../call/refresh-queries'
import { toCallOptions } from '../call/retry'
import { sessionQuery } from '../session/session'
import { useSingleMutation } from '../call/use-single-mutation'

type ReviewOptions = {
  /** UUID of the table that the changes are for: it is not reviewed when another one has taken its name. */
  tableUuid?: string
  /** Metadata file of the newest commit that is known: with another one the changes are reviewed again. */
  tip?: string
}

/** The commit that these changes would become, checked against the current table. */
export function changeReviewQuery(
  identifier: TableIdentifier,
  intents: readonly Intent[],
  { tableUuid, tip }: ReviewOptions = {},
) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'change-review', intents, tableUuid, tip],
    meta: REVIEW_META,
    queryFn: (context) =>
      callReview('reviewChanges', { ...identifier, intents: [...intents], tableUuid }, toCallOptions(context)),
    gcTime: 0,
  })
}

/** The outcome of a commit that was sent under this key. */
export function changeOutcomeQuery(identifier: TableIdentifier, idempotencyKey: string) {
  return queryOptions({
    // Not a part of the table: a refresh of the table is not a reason to ask.
    queryKey: ['change-outcome', identifier, idempotencyKey],
    queryFn: (context) => callEndpoint('findChange', { ...identifier, idempotencyKey }, toCallOptions(context)),
    gcTime: 0,
    staleTime: 0,
    retry: false,
  })
}

export type CommitRequest = {
  intents: readonly Intent[]
  /** Namespace and name of the table, where snapshots are lost. */
  confirmedName?: string | undefined
  idempotencyKey: string
}

/** Checks that the user the page was rendered for is still signed in: another user may have signed in since, in another tab. */
export function useRequireSameUser(): () => Promise<void> {
  const queryClient = useQueryClient()
  return async () => {
    const shownFor = queryClient.getQueryData(sessionQuery().queryKey)
    const session = await queryClient.fetchQuery({ ...sessionQuery(), staleTime: 0 })
    if (session.userId !== shownFor?.userId)
      throw new AppError('forbidden', `These changes are not those of ${session.username}, who has signed in since.`)
  }
}

/** Reads the shown data of a table again after a request, and the badges next to names, as {@link refreshQueries}. */
export function refreshTable(
  queryClient: QueryClient,
  table: TableIdentifier,
  options: { hasFailed: boolean },
): Promise<void> {
  return refreshQueries(queryClient, [keys.table(table), keys.badges(table.catalog)], options)
}

/**
 * Commits for the user whose changes the page shows.
 *
 * @param tableUuid of the table that they are for, if another one may have taken its name since
 */
export function useCommitChanges(identifier: TableIdentifier, tableUuid?: string) {
  const queryClient = useQueryClient()
  const requireSameUser = useRequireSameUser()
  return useSingleMutation({
    mutationFn: async ({ intents, ...options }: CommitRequest) => {
      await requireSameUser()
      return callEndpoint('commitChanges', { ...identifier, ...options, intents: [...intents], tableUuid })
    },
    onSettled: (_, error) => refreshTable(queryClient, identifier, { hasFailed: error !== null }),
  })
}
