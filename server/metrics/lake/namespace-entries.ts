import 'server-only'
import pMap from 'p-map'
import type { NamespaceEntry } from '@/lib/contract/namespaces'
import type { Namespace } from '@/lib/names/identifiers'
import { nameFilter } from '@/lib/search/name-filter'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { NamespaceContents } from '@/server/catalog/port/catalog-lists'

const MAX_NAMESPACES = 1000
const CONCURRENCY = 8

/**
 * Namespaces directly in `parent` (null: the top level) whose last level contains a text, with counts of their entries;
 * at most 1,000, and whether the list is cut.
 */
export async function listNamespaceEntries(
  catalog: CatalogClient,
  parent: Namespace | null,
  { search = '', signal }: { search?: string | undefined; signal: AbortSignal },
): Promise<{ namespaces: NamespaceEntry[]; isTruncated: boolean; skippedCount: number }> {
  let skippedCount = 0
  const onUnaddressable = ({ length }: readonly Namespace[]) => {
    skippedCount = length
  }
  const isFound = nameFilter(search)
  const listed = await catalog.listNamespaces(parent, { signal, onUnaddressable })
  const found = listed.filter((namespace) => isFound(namespace.at(-1) ?? ''))
  // A whole name is found among any number of longer ones.
  const exact = found.filter((namespace) => namespace.at(-1) === search)
  const children = exact.length === 0 ? found : [...exact, ...found.filter((namespace) => !exact.includes(namespace))]
  const shown = children.slice(0, MAX_NAMESPACES)
  const contents = await countContents(catalog, parent, shown, signal)
  const namespaces = shown.flatMap((namespace, i) => {
    const counts = contents[i]
    return counts ? [{ namespace, ...counts }] : []
  })
  return { namespaces, isTruncated: children.length > MAX_NAMESPACES, skippedCount }
}

/** Counts what is directly in each of these children of `parent` (null: the top level). */
export async function countContents(
  catalog: CatalogClient,
  parent: Namespace | null,
  namespaces: readonly Namespace[],
  signal: AbortSignal,
): Promise<NamespaceContents[]> {
  const counted = await catalog.countContents?.(parent, namespaces)
  if (counted) return counted
  return pMap(
    namespaces,
    async (namespace) => {
      const [childNamespaces, tables, views] = await Promise.all([
        catalog.listNamespaces(namespace, { signal }),
        catalog.listTables(namespace, { signal }),
        catalog.listViews(namespace, { signal }),
      ])
      return { namespaceCount: childNamespaces.length, tableCount: tables.length, viewCount: views.length }
    },
    { concurrency: CONCURRENCY },
  )
}
