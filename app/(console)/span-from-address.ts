import { pageNowMs, readTimeZone } from '@/app/page-clock'
import { DEFAULT_RANGE, isRangeName, parseEpochMs, spanFromQuery } from '@/components/observe/dashboards/span'
import type { DashboardScope } from '@/lib/client/dashboards'
import { splitNamespace } from '@/lib/names/identifiers'
import { UNKNOWN_TIME_ZONE } from '@/lib/time-zone'

export type SearchParams = Record<string, string | string[] | undefined>

/** The period and the part of the lake that the address of a page of charts names. */
export async function spanFromAddress(params: SearchParams) {
  const { range, catalog, namespace } = params
  const { zone } = (await readTimeZone()) ?? UNKNOWN_TIME_ZONE
  const scope: DashboardScope = {
    ...(typeof catalog === 'string' && { catalog }),
    ...(typeof namespace === 'string' && { namespace: splitNamespace(namespace) }),
  }
  const { span } = spanFromQuery(
    {
      range: typeof range === 'string' && isRangeName(range) ? range : DEFAULT_RANGE,
      from: toInteger(params['from']),
      to: toInteger(params['to']),
    },
    { nowMs: pageNowMs(), timeZone: zone },
  )
  return { span, scope }
}

function toInteger(text: string | string[] | undefined): number | null {
  return typeof text === 'string' ? parseEpochMs(text) : null
}
