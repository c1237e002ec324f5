import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

/** The engines and other clients that read or wrote the table lately, as far as they are known. */
export function tableClientsQuery(table: TableIdentifier) {
  return queryOptions({
    queryKey: [...keys.table(table), 'clients'],
    queryFn: (context) => callEndpoint('listTableClients', table, toCallOptions(context)),
  })
}
