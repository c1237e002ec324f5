import { queryOptions } from '@tanstack/react-query'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { callEndpoint } from './call/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

/**
 * The files with a table's rows, with permission to read them. The result is used as long as the page shows its
 * snapshot; after a `token-expired` while reading, fetch it again.
 */
export function scanQuery(identifier: TableIdentifier, asOf: AsOf) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'scan', asOfToInput(asOf)],
    queryFn: (context) => callEndpoint('scanTable', { ...identifier, ...asOfToInput(asOf) }, toCallOptions(context)),
    staleTime: Number.POSITIVE_INFINITY,
  })
}
