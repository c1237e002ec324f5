import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/** The views, checks, queries, schedules and proposals that use a table, as far as the user may read them. */
export function tableUsesQuery(table: TableIdentifier) {
  return queryOptions({
    queryKey: [...keys.table(table), 'uses'],
    queryFn: (context) => callEndpoint('listTableUses', table, toCallOptions(context)),
  })
}
