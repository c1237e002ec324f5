import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { IngestionMeasure, IngestionSplit, IngestionStep } from '@/lib/contract/dashboards'
import type { StorageCut } from '@/lib/facts/storage-cuts'
import { GROWTH_RANGES } from '@/lib/contract/shapes/plain-values'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'

export type TimeSpan = { fromMs: number; toMs: number; stepMs: number }
export type DashboardScope = { catalog?: string; namespace?: Namespace }

/** A period with its steps, and the one that it is compared with. */
export type IngestionPeriod = {
  fromMs: number
  toMs: number
  previousFromMs: number
  step: IngestionStep
  timeZone: string
}

/** With a table only that one of the namespace. */
export type IngestionScope = DashboardScope & { table?: string }

export type IngestionView = { measure: IngestionMeasure; by: IngestionSplit; match?: string }

/** The previous figures stay visible while new ones load. */
export function ingestionQuery(view: IngestionView, scope: IngestionScope, period: IngestionPeriod) {
  return queryOptions({
    queryKey: [...keys.lake(), 'ingestion', view, scope, period],
    queryFn: (context) => callEndpoint('getIngestion', { ...view, ...scope, ...period }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}

/** @param filesBy null: no groups of files */
export function compressionQuery(
  scope: DashboardScope,
  { fromMs, toMs }: Pick<TimeSpan, 'fromMs' | 'toMs'>,
  filesBy: StorageCut | null,
) {
  return queryOptions({
    queryKey: [...keys.lake(), 'compression', scope, fromMs, toMs, filesBy],
    queryFn: (context) =>
      callEndpoint(
        'getCompression',
        { ...scope, fromMs, toMs, ...(filesBy !== null && { filesBy }) },
        toCallOptions(context),
      ),
    placeholderData: keepPreviousData,
  })
}

export type GrowthRange = (typeof GROWTH_RANGES)[number]

export const DEFAULT_GROWTH_RANGE: GrowthRange = '30d'

/** The range that the address of a page chooses. */
export function toGrowthRange(text: string | null): GrowthRange {
  return GROWTH_RANGES.find((range) => range === text) ?? DEFAULT_GROWTH_RANGE
}

/** A commit is in the history some seconds later, so a page that stays open reads it again. */
const REFETCH_MS = 15_000

/** The size of a table over time. */
export function tableGrowthQuery(table: TableIdentifier, range: GrowthRange) {
  return queryOptions({
    queryKey: [...keys.table(table), 'growth', range],
    queryFn: (context) => callEndpoint('readTableGrowth', { ...table, range }, toCallOptions(context)),
    refetchInterval: REFETCH_MS,
  })
}
