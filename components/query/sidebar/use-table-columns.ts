import { useQueries } from '@tanstack/react-query'
import { keys } from '@/lib/client/keys'
import { HISTORY_NAMESPACE } from '@/lib/facts/history-table-names'
import { asTableIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import { targetFromPathname } from '@/lib/paths/paths'
import { readTableColumns } from '@/lib/client/query/table-columns'
import type { TableColumns } from './column-rows'
import { historyTableOf } from './history-rows'

/**
 * The columns of the tables and views that are expanded in the tree, by the address of their page, or the id of a row
 * without one.
 *
 * @param connection that names without one belong to
 */
export function useTableColumns(expanded: ReadonlySet<string>, connection: string): ReadonlyMap<string, TableColumns> {
  const openEntries = [...expanded].flatMap((id) => toOpenEntry(id, connection))
  const columns = useQueries({
    queries: openEntries.map(({ identifier }) => ({
      queryKey: [...keys.table(identifier), 'columns'],
      queryFn: ({ signal }: { signal: AbortSignal }) => readTableColumns(identifier, signal),
    })),
  })
  const columnsByHref = new Map<string, TableColumns>()
  openEntries.forEach(({ href }, index) => {
    const query = columns[index]
    if (query?.error) columnsByHref.set(href, { state: 'failed', message: query.error.message })
    else if (query?.data) columnsByHref.set(href, { state: 'read', columns: query.data })
  })
  return columnsByHref
}

function toOpenEntry(href: string, connection: string): { href: string; identifier: TableIdentifier }[] {
  const historyTable = historyTableOf(href)
  if (historyTable !== null)
    return [{ href, identifier: { catalog: connection, namespace: [HISTORY_NAMESPACE], table: historyTable } }]
  const { catalog, namespace, table, view } = targetFromPathname(href)
  if (catalog === undefined || namespace === undefined) return []
  if (table !== undefined) return [{ href, identifier: { catalog, namespace, table } }]
  return view === undefined ? [] : [{ href, identifier: asTableIdentifier({ catalog, namespace, view }) }]
}
