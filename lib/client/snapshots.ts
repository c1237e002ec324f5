import { infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'
import { useSingleMutation } from './call/use-single-mutation'

/**
 * Snapshots newest first, page after page.
 *
 * @param upTo lists only this snapshot and its ancestors
 */
export function snapshotsQuery(identifier: TableIdentifier, upTo: string | null = null) {
  const range = upTo === null ? {} : { upTo }
  return infiniteQueryOptions({
    queryKey: [...keys.table(identifier), 'snapshots', range],
    queryFn: (context) =>
      callEndpoint('listSnapshots', { ...identifier, ...range, offset: context.pageParam }, toCallOptions(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    select: ({ pages }) => ({
      mainSnapshotId: pages[0]?.mainSnapshotId ?? null,
      totalCount: pages[0]?.totalCount ?? 0,
      snapshots: pages.flatMap((page) => page.snapshots),
    }),
  })
}

export type SafetyTag = { name: string; maxRefAgeMs: number | null }

/** The tag as fields of a query string. */
export function safetyTagFields(safetyTag: SafetyTag | null) {
  return {
    ...(safetyTag && { safetyTagName: safetyTag.name }),
    ...(safetyTag && safetyTag.maxRefAgeMs !== null && { safetyTagMaxRefAgeMs: safetyTag.maxRefAgeMs }),
  }
}

export function rollbackImpactQuery(identifier: TableIdentifier, toSnapshotId: string, safetyTag: SafetyTag | null) {
  const tag = safetyTagFields(safetyTag)
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
  return useSingleMutation({
    mutationFn: (choice: {
      fromSnapshotId: string
      toSnapshotId: string
      confirmedName: string
      safetyTag: SafetyTag | null
    }) => callEndpoint('rollBack', { ...identifier, ...choice }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.table(identifier) }),
  })
}
