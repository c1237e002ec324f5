import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { useSingleMutation } from '../call/use-single-mutation'
import { keys } from '../keys'

/** The effects of cherry-picking a snapshot onto a branch. */
export function cherryPickQuery(table: TableIdentifier, snapshotId: string, branch: string) {
  return queryOptions({
    queryKey: [...keys.table(table), 'cherry-pick', snapshotId, branch],
    queryFn: (context) => callEndpoint('reviewCherryPick', { ...table, snapshotId, branch }, toCallOptions(context)),
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
  const client = useQueryClient()
  return useSingleMutation({
    mutationFn: (request: CherryPickRequest) => callEndpoint('commitCherryPick', { ...table, ...request }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.table(table) }),
  })
}
