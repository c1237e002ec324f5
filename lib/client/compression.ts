import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { toCallOptions } from './call/retry'
import { keys } from './keys'

/** What data files contain of each column, read again with each state of the table that is shown. */
export function columnStorageQuery(table: TableIdentifier, metadataLocation: string) {
  return queryOptions({
    queryKey: [...keys.table(table), 'column-storage', metadataLocation],
    queryFn: (context) => callEndpoint('getColumnStorage', table, toCallOptions(context)),
    staleTime: Number.POSITIVE_INFINITY,
  })
}
