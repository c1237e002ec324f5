'use client'
import { useQueries, useQuery } from '@tanstack/react-query'
import { catalogsQuery } from '@/lib/client/catalogs'
import { keys } from '@/lib/client/keys'
import { viewsQuery } from '@/lib/client/views'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { asTableIdentifier, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { targetFromPathname } from '@/lib/paths'
import { type NodeContents, type TableColumns, type TreeRow, treeRows } from './tree-rows'

/** Tables, and as many views, that the tree shows of one namespace before it says how many more there are. */
const MAX_ENTRIES = 500

/** Reads the columns of a table or a view. */
export type ReadColumns = (
  identifier: TableIdentifier,
  signal: AbortSignal,
) => Promise<readonly { name: string; typeLabel: string }[]>

/**
 * The rows of the tree. A node is read when it is expanded.
 *
 * @param readColumns for a tree whose tables and views can be expanded to their columns
 */
export function useTreeRows(
  expanded: ReadonlySet<string>,
  readColumns?: ReadColumns,
): {
  rows: TreeRow[]
  columnsByHref: ReadonlyMap<string, TableColumns>
  catalogCount: number
  error: Error | null
  isPending: boolean
} {
  const { data: catalogs, error, isPending } = useQuery(catalogsQuery())
  const openTargets = [...expanded].map((id) => ({ id, ...targetFromPathname(id) }))
  const openNodes = openTargets.filter(({ table, view }) => table === undefined && view === undefined)
  const namespaces = useQueries({
    queries: openNodes.map(({ catalog = '', namespace }) => namespacesQuery(catalog, namespace ?? null)),
  })
  const openNamespaces = openNodes.flatMap(({ id, catalog = '', namespace }) =>
    namespace ? [{ id, catalog, namespace }] : [],
  )
  const tables = useQueries({
    queries: openNamespaces.map(({ catalog, namespace }) => tablesQuery(catalog, namespace)),
  })

  const views = useQueries({ queries: openNamespaces.map(({ catalog, namespace }) => viewsQuery(catalog, namespace)) })

  const entryQueries = new Map(
    openNamespaces.map(({ id }, index) => [id, { table: tables[index], view: views[index] }]),
  )
  const contentsByHref = new Map<string, NodeContents>()
  openNodes.forEach(({ id, namespace }, index) => {
    const childNamespaces = namespaces[index]
    const { table, view } = entryQueries.get(id) ?? {}
    const failure = childNamespaces?.error ?? table?.error ?? view?.error
    if (failure) contentsByHref.set(id, { state: 'failed', message: failure.message })
    else if (childNamespaces?.data && (namespace === undefined || (table?.data && view?.data))) {
      const shownTables = table?.data?.tables.slice(0, MAX_ENTRIES) ?? []
      const shownViews = view?.data?.views.slice(0, MAX_ENTRIES) ?? []
      const totalCount = (table?.data?.totalCount ?? 0) + (view?.data?.totalCount ?? 0)
      contentsByHref.set(id, {
        state: 'read',
        namespaces: childNamespaces.data.namespaces,
        tables: shownTables,
        views: shownViews,
        moreCount: totalCount - shownTables.length - shownViews.length + childNamespaces.data.leftOutCount,
      })
    }
  })
  const openEntries = readColumns === undefined ? [] : openTargets.flatMap(toOpenEntry)
  const columns = useQueries({
    queries: openEntries.map(({ identifier }) => ({
      queryKey: [...keys.table(identifier), 'columns'],
      queryFn: ({ signal }: { signal: AbortSignal }) => readColumns?.(identifier, signal) ?? [],
    })),
  })
  const columnsByHref = new Map<string, TableColumns>()
  openEntries.forEach(({ id }, index) => {
    const query = columns[index]
    if (query?.error) columnsByHref.set(id, { state: 'failed', message: query.error.message })
    else if (query?.data) columnsByHref.set(id, { state: 'read', columns: query.data })
  })
  const names = catalogs?.map(({ name }) => name) ?? []
  const state = { catalogs: names, contentsByHref, expanded }
  const rows = treeRows(readColumns === undefined ? state : { ...state, columnsByHref })
  return { rows, columnsByHref, catalogCount: names.length, error, isPending }
}

function toOpenEntry({
  id,
  catalog,
  namespace,
  table,
  view,
}: { id: string } & ReturnType<typeof targetFromPathname>): { id: string; identifier: TableIdentifier }[] {
  if (catalog === undefined || namespace === undefined) return []
  if (table !== undefined) return [{ id, identifier: { catalog, namespace, table } }]
  return view === undefined ? [] : [{ id, identifier: asTableIdentifier({ catalog, namespace, view }) }]
}
