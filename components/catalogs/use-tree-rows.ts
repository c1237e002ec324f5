'use client'
import { useQueries, useQuery } from '@tanstack/react-query'
import { catalogsQuery } from '@/lib/client/catalogs'
import { viewsQuery } from '@/lib/client/views'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { placeFromPathname } from '@/lib/paths'
import { type Inside, type TreeRow, treeRows } from './tree-rows'

/** Tables, and views, of one namespace the tree shows before it says how many more there are. */
const MAX_ENTRIES = 500

/** The lines of the tree, reading what is open as it is opened. */
export function useTreeRows(expanded: ReadonlySet<string>): {
  rows: TreeRow[]
  catalogCount: number
  error: Error | null
  isPending: boolean
} {
  const { data: catalogs, error, isPending } = useQuery(catalogsQuery())
  const open = [...expanded].map((id) => ({ id, ...placeFromPathname(id) }))
  const namespaces = useQueries({
    queries: open.map(({ catalog = '', namespace }) => namespacesQuery(catalog, namespace ?? null)),
  })
  const inNamespaces = open.flatMap(({ id, catalog = '', namespace }) =>
    namespace ? [{ id, catalog, namespace }] : [],
  )
  const tables = useQueries({ queries: inNamespaces.map(({ catalog, namespace }) => tablesQuery(catalog, namespace)) })

  const views = useQueries({ queries: inNamespaces.map(({ catalog, namespace }) => viewsQuery(catalog, namespace)) })

  const entriesOf = new Map(inNamespaces.map(({ id }, index) => [id, { table: tables[index], view: views[index] }]))
  const insides = new Map<string, Inside>()
  open.forEach(({ id, namespace }, index) => {
    const inside = namespaces[index]
    const { table, view } = entriesOf.get(id) ?? {}
    const failure = inside?.error ?? table?.error ?? view?.error
    if (failure) insides.set(id, { state: 'failed', message: failure.message })
    else if (inside?.data && (namespace === undefined || (table?.data && view?.data))) {
      const shownTables = table?.data?.tables.slice(0, MAX_ENTRIES) ?? []
      const shownViews = view?.data?.views.slice(0, MAX_ENTRIES) ?? []
      const totalCount = (table?.data?.totalCount ?? 0) + (view?.data?.totalCount ?? 0)
      insides.set(id, {
        state: 'read',
        namespaces: inside.data.namespaces,
        tables: shownTables,
        views: shownViews,
        moreCount: totalCount - shownTables.length - shownViews.length + inside.data.leftOutCount,
      })
    }
  })
  const names = catalogs?.map(({ name }) => name) ?? []
  return { rows: treeRows({ catalogs: names, insides, expanded }), catalogCount: names.length, error, isPending }
}
