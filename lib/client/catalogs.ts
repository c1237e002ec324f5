import { queryOptions } from '@tanstack/react-query'
import { listCatalogs } from '@/lib/contract/catalogs'
import { call } from './call'
import { keys } from './keys'
import { sendingOf } from './retry'

/** By name and kind alone, which is known at once: no catalog is asked. */
export function catalogsQuery() {
  return queryOptions({
    queryKey: keys.catalogs(),
    queryFn: (context) => call(listCatalogs, { asking: 'none' }, sendingOf(context)),
    select: (output) => output.catalogs,
  })
}

/** With what is inside, or why it is not known: there when the slowest catalog has answered, or was given up. */
export function catalogsInsideQuery() {
  return queryOptions({
    queryKey: keys.catalogsInside(),
    queryFn: (context) => call(listCatalogs, {}, sendingOf(context)),
    select: (output) => output.catalogs,
  })
}
