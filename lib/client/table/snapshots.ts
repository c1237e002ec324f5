import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from '../keys'
import { toCallOptions } from '../call/retry'

/** `upTo` lists only that snapshot and its ancestors. */
export type SnapshotFilter = { upTo?: string; operation?: string; writer?: string; fromMs?: number }

/** Snapshots newest first, page after page. */
export function snapshotsQuery(identifier: TableIdentifier, filter: SnapshotFilter = {}) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(identifier), 'snapshots', filter],
    queryFn: (context) =>
      callEndpoint('listSnapshots', { ...identifier, ...filter, offset: context.pageParam }, toCallOptions(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    select: ({ pages }) => ({
      mainSnapshotId: pages[0]?.mainSnapshotId ?? null,
      totalCount: pages[0]?.totalCount ?? 0,
      tableCount: pages[0]?.tableCount ?? 0,
      unreferencedCount: pages[0]?.unreferencedCount ?? 0,
      operations: pages[0]?.operations ?? [],
      writers: pages[0]?.writers ?? [],
      snapshots: pages.flatMap((page) => page.snapshots),
    }),
  })
}

/** A commit with the files that it added. They do not change, but the branch moves on. */
export function addedFilesQuery(identifier: TableIdentifier, snapshotId: string, branch: string | null) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'added-files', snapshotId, branch],
    queryFn: (context) =>
      callEndpoint(
        'getAddedFiles',
        { ...identifier, snapshot: snapshotId, ...(branch !== null && { branch }) },
        toCallOptions(context),
      ),
  })
}
