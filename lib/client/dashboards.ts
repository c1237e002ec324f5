import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { getCompression, getIngestion, type IngestionSplit } from '@/lib/contract/dashboards'
import type { Namespace } from '@/lib/iceberg/identifiers'
import { call } from './call'
import { keys } from './keys'
import { sendingOf } from './retry'

export type Span = { fromMs: number; toMs: number; stepMs: number }
export type Scope = { catalog?: string; namespace?: Namespace }

/** Figures stay in sight while others are read; they are dimmed by the page, not taken away. */
export function ingestionQuery(by: IngestionSplit, scope: Scope, span: Span) {
  return queryOptions({
    queryKey: [...keys.lake(), 'ingestion', by, scope, span],
    queryFn: (context) => call(getIngestion, { by, ...scope, ...span }, sendingOf(context)),
    placeholderData: keepPreviousData,
  })
}

export function compressionQuery(scope: Scope, span: Span) {
  return queryOptions({
    queryKey: [...keys.lake(), 'compression', scope, span],
    queryFn: (context) => call(getCompression, { ...scope, ...span }, sendingOf(context)),
    placeholderData: keepPreviousData,
  })
}
