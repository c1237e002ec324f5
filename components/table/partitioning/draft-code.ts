import { queryOptions } from '@tanstack/react-query'
import { loadCode } from '@/lib/load-code'

export type DraftCode = typeof import('@/components/table/schema/edit/schema-draft')

/** The code of changes, which is as large as the rest of the page: most visits have no change in the tray. */
export const draftCodeQuery = queryOptions({
  queryKey: ['code', 'schema-draft'],
  queryFn: () => loadCode(() => import('@/components/table/schema/edit/schema-draft')),
  retry: false,
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  structuralSharing: false,
})
