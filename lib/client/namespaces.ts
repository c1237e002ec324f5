import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { getNamespace, listNamespaces, listTableSummaries, listTables } from '@/lib/contract/namespaces'
import type { Namespace } from '@/lib/iceberg/identifiers'
import { call } from './call'
import { keys } from './keys'
import { toCallOptions } from './retry'

/** Namespaces directly in `parent`; null is the top of the catalog. */
export function namespacesQuery(catalog: string, parent: Namespace | null) {
  return queryOptions({
    queryKey: [...(parent === null ? keys.catalog(catalog) : keys.namespace(catalog, parent)), 'namespaces'],
    queryFn: (context) => call(listNamespaces, { catalog, ...(parent && { parent }) }, toCallOptions(context)),
  })
}

export function namespaceQuery(catalog: string, namespace: Namespace) {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'detail'],
    queryFn: (context) => call(getNamespace, { catalog, namespace }, toCallOptions(context)),
  })
}

/** Names of the tables directly in a namespace: the first page, for the tree. */
export function tablesQuery(catalog: string, namespace: Namespace) {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'tables'],
    queryFn: (context) => call(listTables, { catalog, namespace }, toCallOptions(context)),
  })
}

/** Tables of a namespace with their figures, page after page. */
export function tableSummariesQuery(catalog: string, namespace: Namespace) {
  return infiniteQueryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'table-summaries'],
    queryFn: (context) =>
      call(listTableSummaries, { catalog, namespace, offset: context.pageParam }, toCallOptions(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
  })
}
