import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { getHome } from '@/lib/contract/home'
import { call } from './call'
import type { TimeSpan } from './dashboards'
import { keys } from './keys'
import { toCallOptions } from './retry'

export function homeQuery(span: TimeSpan) {
  return queryOptions({
    queryKey: [...keys.lake(), 'home', span],
    queryFn: (context) => call(getHome, span, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}
