import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { joinNamespace, type Namespace } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { NamespaceContent } from '@/lib/contract/namespaces'
import type { ContentSort } from '@/lib/contract/shapes/plain-values'
import { isWithinKey, keys } from './keys'
import { toCallOptions } from './call/retry'

/** How long the index takes for a change, about. */
const INDEXING_INTERVAL_MS = 1_000

/**
 * Namespaces directly in `parent`, all or those whose last level contains a text: the first 1,000. Null is the top of
 * the catalog.
 */
export function namespacesQuery(catalog: string, parent: Namespace | null, search = '') {
  return queryOptions({
    queryKey: [...(parent === null ? keys.catalog(catalog) : keys.namespace(catalog, parent)), 'namespaces', search],
    queryFn: (context) =>
      callEndpoint(
        'listNamespaces',
        { catalog, ...(parent && { parent }), search: search || undefined },
        toCallOptions(context),
      ),
  })
}

export function namespaceQuery(catalog: string, namespace: Namespace) {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'detail'],
    queryFn: (context) => callEndpoint('getNamespace', { catalog, namespace }, toCallOptions(context)),
  })
}

/**
 * Whether the user may enter a namespace of this name. It is looked for in the lists of its levels, because a missing
 * namespace is an answer here, and no failure.
 */
export function namespaceExistsQuery(catalog: string, namespace: Namespace) {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'exists'],
    queryFn: async (context) => {
      for (const [i, search] of namespace.entries()) {
        const parent = namespace.slice(0, i)
        const level = joinNamespace([...parent, search])
        const { namespaces } = await callEndpoint(
          'listNamespaces',
          { catalog, ...(i > 0 && { parent }), search },
          toCallOptions(context),
        )
        if (!namespaces.some((entry) => joinNamespace(entry.namespace) === level)) return false
      }
      return true
    },
  })
}

/**
 * The badges of the direct children of `parent`; null is the top of the catalog. Read again while changes reach the
 * index.
 */
export function badgesQuery(catalog: string, parent: Namespace | null) {
  return queryOptions({
    queryKey: [...keys.badges(catalog), parent && joinNamespace(parent)],
    queryFn: (context) => callEndpoint('listBadges', { catalog, ...(parent && { parent }) }, toCallOptions(context)),
    refetchInterval: ({ state: { data } }) => (data?.isIndexing ? INDEXING_INTERVAL_MS : false),
  })
}

/** Names of the tables directly in a namespace, all or those that contain a text: the first page. */
export function tablesQuery(catalog: string, namespace: Namespace, search = '') {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'tables', search],
    queryFn: (context) =>
      callEndpoint('listTables', { catalog, namespace, search: search || undefined }, toCallOptions(context)),
  })
}

/** A filter and an order for the entries of a namespace. Without fields: all entries, in the order of their kinds. */
export type ContentsFilter = { search?: string; kind?: NamespaceContent['kind']; sort?: ContentSort }

/** The entries of a namespace with their figures, page after page. While the filter changes, earlier results stay. */
export function namespaceContentsQuery(catalog: string, namespace: Namespace, filter: ContentsFilter = {}) {
  const contentsKey = [...keys.namespace(catalog, namespace), 'contents']
  return infiniteQueryOptions({
    queryKey: [...contentsKey, filter],
    queryFn: (context) =>
      callEndpoint(
        'listNamespaceContents',
        { catalog, namespace, ...filter, offset: context.pageParam },
        toCallOptions(context),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    placeholderData: (previous, before) => (isWithinKey(before?.queryKey, contentsKey) ? previous : undefined),
  })
}
