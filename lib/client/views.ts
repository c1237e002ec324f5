import { queryOptions } from '@tanstack/react-query'
import { getView, listViews } from '@/lib/contract/views'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'
import { call } from './call'
import { keys } from './keys'
import { sendingOf } from './retry'

/** Names of the views directly in a namespace: the first page. */
export function viewsQuery(catalog: string, namespace: Namespace) {
  return queryOptions({
    queryKey: [...keys.namespace(catalog, namespace), 'views'],
    queryFn: (context) => call(listViews, { catalog, namespace }, sendingOf(context)),
  })
}

/** A view with all its versions. */
export function viewQuery(ref: TableRef) {
  const { catalog, namespace, table: view } = ref
  return queryOptions({
    queryKey: [...keys.view(ref), 'detail'],
    queryFn: (context) => call(getView, { catalog, namespace, view }, sendingOf(context)),
  })
}
