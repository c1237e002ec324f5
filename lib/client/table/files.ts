import { infiniteQueryOptions } from '@tanstack/react-query'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from '../keys'
import { toCallOptions } from '../call/retry'

/** The key of every list of files of the table. */
export function fileLists(identifier: TableIdentifier) {
  return [...keys.table(identifier), 'files'] as const
}

/**
 * Live files of the shown snapshot, in scan order, page after page; with `manifest` the entries of this manifest,
 * including deleted ones.
 */
export function filesQuery(identifier: TableIdentifier, asOf: AsOf, manifest: string | null = null) {
  return infiniteQueryOptions({
    queryKey: [...fileLists(identifier), asOfToInput(asOf), manifest],
    queryFn: (context) =>
      callEndpoint(
        'listFiles',
        { ...identifier, ...asOfToInput(asOf), offset: context.pageParam, ...(manifest !== null && { manifest }) },
        toCallOptions(context),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
