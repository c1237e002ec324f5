import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/** The engines that read the table lately, as far as they report it. */
export function readersQuery(table: TableIdentifier) {
  return queryOptions({
    queryKey: [...keys.table(table), 'readers'],
    queryFn: (context) => callEndpoint('listReaders', table, toCallOptions(context)),
  })
}
