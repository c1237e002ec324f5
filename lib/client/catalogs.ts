import { queryOptions } from '@tanstack/react-query'
import { listCatalogs } from '@/lib/contract/catalogs'
import { call } from './call'
import { keys } from './keys'
import { toCallOptions } from './retry'

/** By name and kind alone, which is known at once: no catalog is asked. */
export function catalogsQuery() {
  return queryOptions({
    queryKey: keys.catalogs(),
    queryFn: (context) => call(listCatalogs, { asking: 'none' }, toCallOptions(context)),
    select: (output) => output.catalogs,
  })
}

/** With what is inside, or why it is not known: there when the slowest catalog has answered, or was given up. */
export function catalogDetailsQuery() {
  return queryOptions({
    queryKey: keys.catalogDetails(),
    queryFn: (context) => call(listCatalogs, {}, toCallOptions(context)),
    select: (output) => output.catalogs,
  })
}
