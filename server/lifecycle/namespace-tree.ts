import 'server-only'
import pMap from 'p-map'
import { MAX_DROPPED_WITH_NAMESPACE } from '@/lib/contract/lifecycle/namespaces'
import type { Namespace } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'

/** A namespace and the names of its direct contents. */
export type NamespaceContents = { namespace: Namespace; tables: readonly string[]; views: readonly string[] }

export type NamespaceTree = {
  /** The namespace, then those in it at any depth, each before those in it. */
  contents: readonly NamespaceContents[]
  /** It contains more than a drop includes, so `contents` is incomplete. */
  isTruncated: boolean
  /** Number of namespaces in it that no request can address. */
  skippedCount: number
}

const CONCURRENCY = 8

/**
 * Lists the contents of a namespace, level by level, as far as a drop includes them. Costs three lists for each
 * namespace.
 */
export async function readNamespaceTree(
  catalog: CatalogClient,
  root: Namespace,
  { signal }: { signal: AbortSignal },
): Promise<NamespaceTree> {
  const contents: NamespaceContents[] = []
  let isTruncated = false
  let skippedCount = 0
  const onUnaddressable = ({ length }: readonly Namespace[]) => {
    skippedCount += length
  }
  const readOne = async (namespace: Namespace) => {
    const [tables, views, children] = await Promise.all([
      catalog.listTables(namespace, { signal }),
      catalog.listViews(namespace, { signal }),
      catalog.listNamespaces(namespace, { signal, onUnaddressable }),
    ])
    return { namespace, children, tables: tables.map(({ table }) => table), views: views.map(({ view }) => view) }
  }
  const left = { tables: MAX_DROPPED_WITH_NAMESPACE, views: MAX_DROPPED_WITH_NAMESPACE }
  const take = (kind: 'tables' | 'views', names: readonly string[]) => {
    const taken = names.slice(0, left[kind])
    left[kind] -= taken.length
    if (taken.length < names.length) isTruncated = true
    return taken
  }
  let level: readonly Namespace[] = [root]
  while (level.length > 0) {
    const read = await pMap(level, readOne, { concurrency: CONCURRENCY, signal })
    for (const { namespace, tables, views } of read)
      contents.push({ namespace, tables: take('tables', tables), views: take('views', views) })
    const below = read.flatMap(({ children }) => children)
    level = below.slice(0, MAX_DROPPED_WITH_NAMESPACE + 1 - contents.length)
    if (level.length < below.length) isTruncated = true
  }
  return { contents, isTruncated, skippedCount }
}
