import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { getHome } from '@/lib/contract/home'
import { call } from './call'
import type { Span } from './dashboards'
import { keys } from './keys'
import { sendingOf } from './retry'

export function homeQuery(span: Span) {
  return queryOptions({
    queryKey: [...keys.lake(), 'home', span],
    queryFn: (context) => call(getHome, span, sendingOf(context)),
    placeholderData: keepPreviousData,
  })
}
