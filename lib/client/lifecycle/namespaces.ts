import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { NamespaceDropReview } from '@/lib/contract/lifecycle/namespaces'
import type { Namespace } from '@/lib/names/identifiers'
import { toCallOptions } from '../call/retry'
import { useRefreshingMutation } from '../call/use-refreshing-mutation'
import { useSingleMutation } from '../call/use-single-mutation'
import { REVIEW_META } from '../call/refresh-queries'
import { keys } from '../keys'
import { refreshWithout } from '@/lib/client/table/refresh-without'

export function useCreateNamespace(catalog: string) {
  return useRefreshingMutation(
    (namespace: Namespace) => callEndpoint('createNamespace', { catalog, namespace }),
    [keys.catalog(catalog)],
  )
}

/** A property, the value that is shown, and the value it gets; null: not set. */
export type NamespacePropertyChange = { name: string; base: string | null; value: string | null }

export function useChangeNamespace(catalog: string, namespace: Namespace) {
  return useRefreshingMutation(
    (changes: readonly NamespacePropertyChange[]) =>
      callEndpoint('changeNamespaceProperties', { catalog, namespace, changes: [...changes] }),
    [keys.namespace(catalog, namespace), keys.badges(catalog)],
  )
}

/**
 * The tables, views and namespaces that are dropped with the namespace, and the blockers. It is read whenever the panel
 * opens.
 */
export function namespaceDropReviewQuery(catalog: string, namespace: Namespace) {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'drop-review'],
    meta: REVIEW_META,
    queryFn: (context) => callEndpoint('reviewNamespaceDrop', { catalog, namespace }, toCallOptions(context)),
    gcTime: 0,
  })
}

/** @param onDropped called also when the panel was closed meanwhile */
export function useDropNamespace(catalog: string, namespace: Namespace, onDropped: () => void) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: ({ confirmedName, contents }: { confirmedName: string } & Pick<NamespaceDropReview, 'contents'>) => {
      const [{ tables, views } = { tables: [], views: [] }, ...namespaces] = contents
      return callEndpoint('dropNamespace', { catalog, namespace, confirmedName, tables, views, namespaces })
    },
    onSuccess: () => {
      onDropped()
      void refreshWithout(queryClient, catalog, keys.namespace(catalog, namespace))
    },
    // Part of the namespace may have been dropped.
    onError: () => queryClient.invalidateQueries({ queryKey: keys.namespace(catalog, namespace) }),
  })
}
