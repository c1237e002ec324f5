import { infiniteQueryOptions } from '@tanstack/react-query'
import { listFiles } from '@/lib/contract/files'
import { asOfToInput } from '@/lib/contract/wire'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { call } from './call'
import { keys } from './keys'
import { toCallOptions } from './retry'

/** Live files of the shown snapshot, in scan order, page after page. */
export function filesQuery(identifier: TableIdentifier, asOf: AsOf) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(identifier), 'files', asOfToInput(asOf)],
    queryFn: (context) =>
      call(listFiles, { ...identifier, ...asOfToInput(asOf), offset: context.pageParam }, toCallOptions(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
