'use client'
import { useQueries, useQuery } from '@tanstack/react-query'
import type { Refetch } from '@/lib/client/call/retry'
import { catalogsQuery } from '@/lib/client/catalogs'
import { viewsQuery } from '@/lib/client/views'
import { badgesQuery, namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { targetFromPathname } from '@/lib/paths/paths'
import { type NodeContents, type TreeRow, treeRows } from './tree-rows'

/** Tables, and as many views, of one namespace in the tree before it counts the rest. */
const MAX_ENTRIES = 500

/** The rows of the tree. A node is read when it is expanded. */
export function useTreeRows(expanded: ReadonlySet<string>): {
  rows: TreeRow[]
  catalogCount: number
  error: Error | null
  isPending: boolean
  refetch: Refetch
} {
  const { data: catalogs, error, isPending, refetch } = useQuery(catalogsQuery())
  const openTargets = [...expanded].map((id) => ({ id, ...targetFromPathname(id) }))
  const openNodes = openTargets.filter(({ table, view }) => table === undefined && view === undefined)
  const namespaces = useQueries({
    queries: openNodes.map(({ catalog = '', namespace }) => namespacesQuery(catalog, namespace ?? null)),
  })
  const badges = useQueries({
    queries: openNodes.map(({ catalog = '', namespace }) => badgesQuery(catalog, namespace ?? null)),
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
        badges: badges[index]?.data?.badges ?? [],
        moreCount: totalCount - shownTables.length - shownViews.length + childNamespaces.data.skippedCount,
      })
    }
  })
  const names = catalogs?.map(({ name }) => name) ?? []
  const rows = treeRows({ catalogs: names, contentsByHref, expanded })
  return { rows, catalogCount: names.length, error, isPending, refetch }
}
