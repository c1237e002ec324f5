import { queryOptions } from '@tanstack/react-query'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from '../keys'
import { toCallOptions } from '../call/retry'

const TIP_INTERVAL_MS = 15_000

/** A table as of something. It is not refetched until the user asks for newer data, so that all tabs agree. */
export function tableQuery(identifier: TableIdentifier, asOf: AsOf) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'detail', asOfToInput(asOf)],
    queryFn: (context) => callEndpoint('getTable', { ...identifier, ...asOfToInput(asOf) }, toCallOptions(context)),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** The table in its current state, polled: only used to show how much is newer than the shown state. */
export function tableTipQuery(identifier: TableIdentifier) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'tip'],
    queryFn: (context) => callEndpoint('getTable', identifier, toCallOptions(context)),
    refetchInterval: TIP_INTERVAL_MS,
  })
}

/** The schemas, partition specs and sort orders that the table has had, read again with each state that is shown. */
export function tableLayoutsQuery(identifier: TableIdentifier, metadataLocation: string) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'layouts', metadataLocation],
    queryFn: (context) => callEndpoint('getTableLayouts', identifier, toCallOptions(context)),
    staleTime: Number.POSITIVE_INFINITY,
  })
}
