import 'server-only'
import { inParallel } from '@/lib/in-parallel'
import type { NamespaceEntry } from '@/lib/contract/namespaces'
import type { Namespace } from '@/lib/iceberg/identifiers'
import type { CatalogClient, NamespaceContents } from '@/server/catalog/catalog-client'

const MAX_NAMESPACES = 1000
const AT_A_TIME = 8

/** Namespaces directly in `parent` (null: the top) with what is directly in each; at most 1,000, and says if more are there. */
export async function namespaceEntries(
  catalog: CatalogClient,
  parent: Namespace | null,
  { signal }: { signal: AbortSignal },
): Promise<{ namespaces: NamespaceEntry[]; isCut: boolean; leftOutCount: number }> {
  let leftOutCount = 0
  const onLeftOut = ({ length }: readonly Namespace[]) => {
    leftOutCount = length
  }
  const all = await catalog.listNamespaces(parent, { signal, onLeftOut })
  const shown = all.slice(0, MAX_NAMESPACES)
  const contents = (await catalog.countContents?.(parent, shown)) ?? (await listContents(catalog, shown, signal))
  const namespaces = shown.flatMap((namespace, i) => {
    const counts = contents[i]
    return counts ? [{ namespace, ...counts }] : []
  })
  return { namespaces, isCut: all.length > MAX_NAMESPACES, leftOutCount }
}

function listContents(
  catalog: CatalogClient,
  namespaces: readonly Namespace[],
  signal: AbortSignal,
): Promise<NamespaceContents[]> {
  return inParallel(namespaces, AT_A_TIME, async (namespace) => {
    const [inside, tables, views] = await Promise.all([
      catalog.listNamespaces(namespace, { signal }),
      catalog.listTables(namespace, { signal }),
      catalog.listViews(namespace, { signal }),
    ])
    return { namespaceCount: inside.length, tableCount: tables.length, viewCount: views.length }
  })
}
