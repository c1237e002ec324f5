import { queryOptions } from '@tanstack/react-query'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from '../keys'
import { toCallOptions } from '../call/retry'

/**
 * The plan of a scan of a table, with permission to read its files. The result is used as long as the page shows its
 * snapshot; after a `token-expired` while reading, fetch it again.
 *
 * @param where a filter as JSON (`Expression` of Iceberg's REST catalog)
 */
export function scanQuery(identifier: TableIdentifier, asOf: AsOf, where?: string) {
  const filter = where === undefined ? {} : { where }
  return queryOptions({
    queryKey: [...keys.table(identifier), 'scan', { ...asOfToInput(asOf), ...filter }],
    queryFn: (context) =>
      callEndpoint('scanTable', { ...identifier, ...asOfToInput(asOf), ...filter }, toCallOptions(context)),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** The share of nulls in each column of a snapshot, which its scan's token permits to read. */
export function nullSharesQuery(identifier: TableIdentifier, snapshotId: string, token: string) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'null-shares', snapshotId],
    queryFn: (context) => callEndpoint('getNullShares', { token }, toCallOptions(context)),
    staleTime: Number.POSITIVE_INFINITY,
  })
}
