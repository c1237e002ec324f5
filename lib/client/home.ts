import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { TimeSpan } from './dashboards'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

export function homeQuery(span: TimeSpan) {
  return queryOptions({
    queryKey: [...keys.lake(), 'home', span],
    queryFn: (context) => callEndpoint('getHome', span, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}
