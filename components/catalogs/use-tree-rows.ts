'use client'
import { useQueries, useQuery } from '@tanstack/react-query'
import { catalogsQuery } from '@/lib/client/catalogs'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { placeFromPathname } from '@/lib/paths'
import { type Inside, type TreeRow, treeRows } from './tree-rows'

/** Tables of one namespace the tree shows before it says how many more there are. */
const MAX_TABLES = 500

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

  const tablesOf = new Map(inNamespaces.map(({ id }, index) => [id, tables[index]]))
  const insides = new Map<string, Inside>()
  open.forEach(({ id, namespace }, index) => {
    const inside = namespaces[index]
    const table = tablesOf.get(id)
    const failure = inside?.error ?? table?.error
    if (failure) insides.set(id, { state: 'failed', message: failure.message })
    else if (inside?.data && (namespace === undefined || table?.data)) {
      insides.set(id, {
        state: 'read',
        namespaces: inside.data.namespaces,
        tables: table?.data?.tables.slice(0, MAX_TABLES) ?? [],
        tableCount: table?.data?.totalCount ?? 0,
      })
    }
  })
  const names = catalogs?.map(({ name }) => name) ?? []
  return { rows: treeRows({ catalogs: names, insides, expanded }), catalogCount: names.length, error, isPending }
}
