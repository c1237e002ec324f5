import type { QueryClient } from '@tanstack/react-query'
import { catalogsQuery } from '@/lib/client/catalogs'
import { namespacesQuery } from '@/lib/client/namespaces'

/** What the choice of a dashboard's scope lists: the catalogs, and the namespaces of the chosen or only one. */
export async function prefetchScope(client: QueryClient, chosenCatalog: string | undefined): Promise<void> {
  const { catalogs } = await client.fetchQuery(catalogsQuery())
  const [onlyCatalog] = catalogs.length === 1 ? catalogs : []
  const catalog = chosenCatalog ?? onlyCatalog?.name
  if (catalog !== undefined) await client.prefetchQuery(namespacesQuery(catalog, null))
}
