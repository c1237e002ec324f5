import { queryOptions, useQuery } from '@tanstack/react-query'
import type { CatalogLabel } from '@/lib/contract/shapes/catalog-label'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

/** Names and kinds only, which are known at once: no catalog is contacted. */
export function catalogsQuery() {
  return queryOptions({
    queryKey: keys.catalogs(),
    queryFn: (context) => callEndpoint('listCatalogs', { namesOnly: 'true' }, toCallOptions(context)),
    select: (output) => output.catalogs,
  })
}

/** With their details, or why these are unknown. Waits until the slowest catalog has answered or timed out. */
export function catalogDetailsQuery() {
  return queryOptions({
    queryKey: keys.catalogDetails(),
    queryFn: (context) => callEndpoint('listCatalogs', {}, toCallOptions(context)),
    select: (output) => output.catalogs,
  })
}

/**
 * How a catalog differs from others: whether the user may enter others, so that names need it, and the label of its
 * connection. While the catalogs are unknown, there are no others.
 */
export function useKnownCatalog(catalog: string): { hasOthers: boolean; label: CatalogLabel | null } {
  const { data: catalogs = [] } = useQuery(catalogsQuery())
  return {
    hasOthers: catalogs.some(({ name }) => name !== catalog),
    label: catalogs.find(({ name }) => name === catalog)?.label ?? null,
  }
}
