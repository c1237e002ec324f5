import { infiniteQueryOptions } from '@tanstack/react-query'
import { listFiles } from '@/lib/contract/files'
import { asOfToInput } from '@/lib/contract/wire'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { call } from './call'
import { keys } from './keys'
import { sendingOf } from './retry'

/** Live files of what is shown, in scan order, page after page. */
export function filesQuery(ref: TableRef, asOf: AsOf) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(ref), 'files', asOfToInput(asOf)],
    queryFn: (context) =>
      call(listFiles, { ...ref, ...asOfToInput(asOf), offset: context.pageParam }, sendingOf(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
