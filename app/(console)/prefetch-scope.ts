import type { QueryClient } from '@tanstack/react-query'
import { catalogsQuery } from '@/lib/client/catalogs'
import { namespacesQuery } from '@/lib/client/namespaces'

/**
 * Fetches the lists of the catalog tree and of a dashboard's scope: catalogs, and namespaces of the chosen or only one.
 *
 * @returns the one whose namespaces were fetched
 */
export async function prefetchScope(
  client: QueryClient,
  chosenCatalog: string | undefined,
): Promise<string | undefined> {
  const listing = client.fetchQuery(catalogsQuery())
  if (chosenCatalog !== undefined) {
    await Promise.all([listing, client.prefetchQuery(namespacesQuery(chosenCatalog, null))])
    return chosenCatalog
  }
  const { catalogs } = await listing
  const [onlyCatalog] = catalogs.length === 1 ? catalogs : []
  if (onlyCatalog) await client.prefetchQuery(namespacesQuery(onlyCatalog.name, null))
  return onlyCatalog?.name
}
