import { isRangeName, type RangeName, spanFromQuery } from '@/components/dashboards/span'
import type { DashboardScope } from '@/lib/client/dashboards'
import { pageClock } from '@/lib/format/page-clock'
import { splitNamespace } from '@/lib/iceberg/identifiers'

export type SearchParams = Record<string, string | string[] | undefined>

/** The period and the part of the lake that the address of a page of charts names. */
export function spanFromAddress(params: SearchParams, defaultRange: RangeName) {
  const { range, catalog, namespace } = params
  const scope: DashboardScope = {
    ...(typeof catalog === 'string' && { catalog }),
    ...(typeof namespace === 'string' && { namespace: splitNamespace(namespace) }),
  }
  const { span } = spanFromQuery(
    {
      range: typeof range === 'string' && isRangeName(range) ? range : defaultRange,
      from: toInteger(params['from']),
      to: toInteger(params['to']),
    },
    pageClock()?.nowMs ?? Date.now(),
  )
  return { span, scope }
}

function toInteger(text: string | string[] | undefined): number | null {
  return typeof text === 'string' && /^-?\d{1,15}$/.test(text) ? Number(text) : null
}
