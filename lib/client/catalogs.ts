import { queryOptions } from '@tanstack/react-query'
import { listCatalogs } from '@/lib/contract/catalogs'
import { call } from './call'
import { keys } from './keys'

/** By name and kind alone, which is known at once: no catalog is asked. */
export function catalogsQuery() {
  return queryOptions({
    queryKey: keys.catalogs(),
    queryFn: ({ signal }) => call(listCatalogs, { asking: 'none' }, { signal }),
    select: (output) => output.catalogs,
  })
}

/** With what is inside, or why it is not known: there when the slowest catalog has answered, or was given up. */
export function catalogsInsideQuery() {
  return queryOptions({
    queryKey: keys.catalogsInside(),
    queryFn: ({ signal }) => call(listCatalogs, {}, { signal }),
    select: (output) => output.catalogs,
  })
}
