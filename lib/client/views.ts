import { queryOptions } from '@tanstack/react-query'
import type { Namespace, ViewIdentifier } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

/** Names of the views directly in a namespace, all or those that contain a text: the first page. */
export function viewsQuery(catalog: string, namespace: Namespace, search = '') {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'views', search],
    queryFn: (context) =>
      callEndpoint('listViews', { catalog, namespace, search: search || undefined }, toCallOptions(context)),
  })
}

/** A view with all its versions. */
export function viewQuery(identifier: ViewIdentifier) {
  const { catalog, namespace, view } = identifier
  return queryOptions({
    queryKey: [...keys.view(identifier), 'detail'],
    queryFn: (context) => callEndpoint('getView', { catalog, namespace, view }, toCallOptions(context)),
  })
}
