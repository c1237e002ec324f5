import { queryOptions } from '@tanstack/react-query'
import { listCatalogs } from '@/lib/contract/catalogs'
import { call } from './call'
import { keys } from './keys'

export function catalogsQuery() {
  return queryOptions({
    queryKey: keys.catalogs(),
    queryFn: ({ signal }) => call(listCatalogs, {}, { signal }),
    select: (output) => output.catalogs,
  })
}
