import { infiniteQueryOptions } from '@tanstack/react-query'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { FileSort } from '@/lib/contract/table/file-sorts'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { isWithinKey, keys } from '../keys'
import { toCallOptions } from '../call/retry'

/** The key of every list of files of the table. */
export function fileLists(identifier: TableIdentifier) {
  return [...keys.table(identifier), 'files'] as const
}

/** The files that a list shows, and their order. */
type FileListing = {
  /** The entries of this manifest, including deleted ones; null for the live files of the snapshot. */
  manifest?: string | null
  /** Part of a path or a partition; empty for all files. */
  filter?: string
  /** Null for scan order. */
  sort?: FileSort | null
}

/**
 * Files of the shown snapshot, page after page. While the filter or the sort changes, the previous files of the
 * snapshot or the manifest stay.
 */
export function filesQuery(
  identifier: TableIdentifier,
  asOf: AsOf,
  { manifest = null, filter = '', sort = null }: FileListing = {},
) {
  const listKey = [...fileLists(identifier), asOfToInput(asOf), manifest]
  return infiniteQueryOptions({
    queryKey: [...listKey, filter, sort],
    queryFn: (context) =>
      callEndpoint(
        'listFiles',
        {
          ...identifier,
          ...asOfToInput(asOf),
          offset: context.pageParam,
          ...(manifest !== null && { manifest }),
          ...(filter !== '' && { filter }),
          ...(sort !== null && { sort }),
        },
        toCallOptions(context),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (previous, before) => (isWithinKey(before?.queryKey, listKey) ? previous : undefined),
  })
}
