import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import { listSnapshots, previewRollback, rollBack } from '@/lib/contract/snapshots'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { call } from './call'
import { keys } from './keys'
import { sendingOf } from './retry'

/** Snapshots newest first, page after page. */
export function snapshotsQuery(ref: TableRef) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(ref), 'snapshots'],
    queryFn: (context) => call(listSnapshots, { ...ref, offset: context.pageParam }, sendingOf(context)),
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

export function rollbackImpactQuery(ref: TableRef, toSnapshotId: string, safetyTag: SafetyTag | null) {
  const tag = {
    ...(safetyTag && { safetyTagName: safetyTag.name }),
    ...(safetyTag && safetyTag.maxRefAgeMs !== null && { safetyTagMaxRefAgeMs: safetyTag.maxRefAgeMs }),
  }
  return queryOptions({
    queryKey: [...keys.table(ref), 'rollback-impact', toSnapshotId, tag],
    queryFn: (context) => call(previewRollback, { ...ref, toSnapshotId, ...tag }, sendingOf(context)),
    // The figures stay in sight while only the tag's name changes.
    placeholderData: keepPreviousData,
  })
}

export function useRollBack(ref: TableRef) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (choice: {
      fromSnapshotId: string
      toSnapshotId: string
      confirmedName: string
      safetyTag: SafetyTag | null
    }) => call(rollBack, { ...ref, ...choice }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.table(ref) }),
  })
}
