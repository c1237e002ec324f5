import type { QueryClient } from '@tanstack/react-query'
import { tableQuery } from '@/lib/client/table/tables'
import type { TableDetail } from '@/lib/contract/table/tables'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'

/** The state that a tab shows, with its figures. The layout brings the table itself to the browser. */
export async function fetchShown(
  client: QueryClient,
  table: TableIdentifier,
  asOf: AsOf,
): Promise<Pick<TableDetail, 'shown' | 'figures'>> {
  const query = tableQuery(table, asOf)
  const { shown, figures } = await client.fetchQuery(query)
  client.removeQueries({ queryKey: query.queryKey, exact: true })
  return { shown, figures }
}
