import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableUses } from '@/lib/contract/table/uses'
import type { TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'
import { tableClientsQuery } from './clients'

/** The views, checks, queries, schedules and proposals that use a table or a view, as far as the user may read them. */
export function usesQuery(entry: TableIdentifier | ViewIdentifier) {
  return queryOptions({
    queryKey: [...('view' in entry ? keys.view(entry) : keys.table(entry)), 'uses'],
    queryFn: (context): Promise<TableUses> =>
      'view' in entry
        ? callEndpoint('listViewUses', entry, toCallOptions(context))
        : callEndpoint('listTableUses', entry, toCallOptions(context)),
  })
}

/** Reads again what uses an entry, and which clients do. */
export async function refreshUses(queryClient: QueryClient, entry: TableIdentifier | ViewIdentifier): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: usesQuery(entry).queryKey }),
    'view' in entry ? undefined : queryClient.invalidateQueries({ queryKey: tableClientsQuery(entry).queryKey }),
  ])
}
