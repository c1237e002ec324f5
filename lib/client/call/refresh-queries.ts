import type { Query, QueryClient, QueryKey } from '@tanstack/react-query'

/**
 * Marks queries that review what a request would do. After the request, they would find that it cannot be made: its panel
 * may not have been rendered yet and still show them.
 */
export const REVIEW_META = { isReview: true } as const

/**
 * Reads all queries below the keys again after a request; reviews only after a failure, which another client's commit may
 * explain.
 */
export async function refreshQueries(
  queryClient: QueryClient,
  queryKeys: readonly QueryKey[],
  { hasFailed }: { hasFailed: boolean },
): Promise<void> {
  const predicate = ({ meta }: Query) => hasFailed || meta?.['isReview'] !== true
  await Promise.all(queryKeys.map((queryKey) => queryClient.invalidateQueries({ queryKey, predicate })))
}
