import { pageNowMs, readTimeZone } from '@/app/page-clock'
import { DEFAULT_RANGE, isRangeName, parseEpochMs, spanFromQuery } from '@/components/observe/dashboards/span'
import {
  ALL_PERIODS,
  DEFAULT_PERIOD,
  namesOf,
  periodFromQuery,
  type PeriodSet,
} from '@/components/observe/dashboards/ingestion/period'
import type { DashboardScope } from '@/lib/client/dashboards'
import { splitNamespace } from '@/lib/names/identifiers'
import { UNKNOWN_TIME_ZONE } from '@/lib/time-zone'

export type SearchParams = Record<string, string | string[] | undefined>

/** The period and the part of the lake that the address of a page of charts names. */
export async function spanFromAddress(params: SearchParams) {
  const { range } = params
  const { span } = spanFromQuery(
    { range: typeof range === 'string' && isRangeName(range) ? range : DEFAULT_RANGE, ...toBounds(params) },
    await readClock(),
  )
  return { span, scope: toScope(params) }
}

/** The same of a dashboard, whose periods are others. */
export async function periodFromAddress(params: SearchParams, offered: PeriodSet = ALL_PERIODS) {
  const range = namesOf(offered).find((name) => name === params['range']) ?? DEFAULT_PERIOD
  return { period: periodFromQuery({ range, ...toBounds(params) }, await readClock()), scope: toScope(params) }
}

async function readClock() {
  const { zone } = (await readTimeZone()) ?? UNKNOWN_TIME_ZONE
  return { nowMs: pageNowMs(), timeZone: zone }
}

function toScope({ catalog, namespace }: SearchParams): DashboardScope {
  return {
    ...(typeof catalog === 'string' && { catalog }),
    ...(typeof namespace === 'string' && { namespace: splitNamespace(namespace) }),
  }
}

function toBounds(params: SearchParams) {
  return { from: toInteger(params['from']), to: toInteger(params['to']) }
}

function toInteger(text: string | string[] | undefined): number | null {
  return typeof text === 'string' ? parseEpochMs(text) : null
}
