import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { callEndpoint } from './call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './retry'

/** Snapshots newest first, page after page. */
export function snapshotsQuery(identifier: TableIdentifier) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(identifier), 'snapshots'],
    queryFn: (context) =>
      callEndpoint('listSnapshots', { ...identifier, offset: context.pageParam }, toCallOptions(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    select: ({ pages }) => ({
      mainSnapshotId: pages[0]?.mainSnapshotId ?? null,
      totalCount: pages[0]?.totalCount ?? 0,
      snapshots: pages.flatMap((page) => page.snapshots),
    }),
  })
}

type SafetyTag = { name: string; maxRefAgeMs: number | null }

export function rollbackImpactQuery(identifier: TableIdentifier, toSnapshotId: string, safetyTag: SafetyTag | null) {
  const tag = {
    ...(safetyTag && { safetyTagName: safetyTag.name }),
    ...(safetyTag && safetyTag.maxRefAgeMs !== null && { safetyTagMaxRefAgeMs: safetyTag.maxRefAgeMs }),
  }
  return queryOptions({
    queryKey: [...keys.table(identifier), 'rollback-impact', toSnapshotId, tag],
    queryFn: (context) =>
      callEndpoint('previewRollback', { ...identifier, toSnapshotId, ...tag }, toCallOptions(context)),
    // The figures stay visible while only the tag's name changes.
    placeholderData: keepPreviousData,
  })
}

export function useRollBack(identifier: TableIdentifier) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (choice: {
      fromSnapshotId: string
      toSnapshotId: string
      confirmedName: string
      safetyTag: SafetyTag | null
    }) => callEndpoint('rollBack', { ...identifier, ...choice }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.table(identifier) }),
  })
}
