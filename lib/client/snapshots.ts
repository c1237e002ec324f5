import { infiniteQueryOptions } from '@tanstack/react-query'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

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
