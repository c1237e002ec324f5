import { keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callReview } from '../call/call-review'
import { toCallOptions } from '../call/retry'
import { useKeyedRequest } from '../call/use-keyed-request'
import { useSingleMutation } from '../call/use-single-mutation'
import { REVIEW_META } from '../call/refresh-queries'
import { keys } from '../keys'

/** Where a clone goes. An empty location: the catalog chooses. */
export type CloneTarget = { table: TableIdentifier; location: string }

/** The effects of cloning a state, and its blockers. */
export function cloneReviewQuery(source: TableIdentifier, asOf: AsOf, target: CloneTarget) {
  return queryOptions({
    queryKey: [...keys.table(source), 'clone-review', asOf, target],
    meta: REVIEW_META,
    queryFn: (context) =>
      callReview('reviewClone', { ...source, ...toQuery(asOf), ...toNames(target) }, toCallOptions(context)),
    // The figures stay visible while the name is typed.
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

/** The parts of a table that a clone takes over. */
export type CloneChoice = {
  snapshotId: string | null
  schemaId: number
  keepsPartitioning: boolean
  keepsSortOrder: boolean
  keepsDescription: boolean
  properties: string[]
}

/** @param onStarted called with the id of the run */
export function useStartClone(source: TableIdentifier, onStarted: (runId: string) => void) {
  const queryClient = useQueryClient()
  const sendKeyed = useKeyedRequest()
  return useSingleMutation({
    mutationFn: ({ target, choice }: { target: CloneTarget; choice: CloneChoice }) =>
      sendKeyed({ ...source, ...toNames(target), ...choice }, (input) => callEndpoint('startClone', input)),
    onSuccess: ({ run }) => {
      onStarted(run.id)
      void queryClient.invalidateQueries({ queryKey: keys.jobs() })
    },
  })
}

function toNames({ table, location }: CloneTarget) {
  return {
    toCatalog: table.catalog,
    toNamespace: table.namespace,
    toTable: table.table,
    ...(location.trim() !== '' && { location: location.trim() }),
  }
}

function toQuery({ ref, snapshotId, atMs }: AsOf) {
  return {
    ...(ref !== undefined && { ref }),
    ...(snapshotId !== undefined && { snapshot: snapshotId }),
    ...(atMs !== undefined && { at: atMs }),
  }
}
