import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { IngestionSplit } from '@/lib/contract/dashboards'
import type { Namespace } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

export type TimeSpan = { fromMs: number; toMs: number; stepMs: number }
export type DashboardScope = { catalog?: string; namespace?: Namespace }

/** The previous figures stay visible, dimmed by the page, while new ones load. */
export function ingestionQuery(by: IngestionSplit, scope: DashboardScope, span: TimeSpan) {
  return queryOptions({
    queryKey: [...keys.lake(), 'ingestion', by, scope, span],
    queryFn: (context) => callEndpoint('getIngestion', { by, ...scope, ...span }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}

export function compressionQuery(scope: DashboardScope, span: TimeSpan) {
  return queryOptions({
    queryKey: [...keys.lake(), 'compression', scope, span],
    queryFn: (context) => callEndpoint('getCompression', { ...scope, ...span }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}
