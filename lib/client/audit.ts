import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { AuditFilter } from '@/lib/contract/audit'
import { joinNamespace } from '@/lib/names/identifiers'
import { toCallOptions } from './call/retry'
import { keys } from './keys'

/** How far back a list of the audit goes. */
export const AUDIT_RANGES = {
  '1h': { label: '1 h', durationMs: 3_600_000 },
  '24h': { label: '24 h', durationMs: 24 * 3_600_000 },
  '7d': { label: '7 d', durationMs: 7 * 24 * 3_600_000 },
  '30d': { label: '30 d', durationMs: 30 * 24 * 3_600_000 },
  all: { label: 'All', durationMs: null },
} as const
export type AuditRange = keyof typeof AUDIT_RANGES

/** A filter whose time span is a range up to now, or a span of its own. */
export type AuditListFilter = AuditFilter & { range: AuditRange }

/** The filter with the span that it has at this moment. */
export function toAuditFilter({ range, ...filter }: AuditListFilter, nowMs: number): AuditFilter {
  const { durationMs } = AUDIT_RANGES[range]
  if (durationMs === null || filter.fromMs !== undefined || filter.toMs !== undefined) return filter
  return { ...filter, fromMs: nowMs - durationMs }
}

/** Entries of the audit that fit a filter, newest first, page after page. */
export function auditQuery(filter: AuditListFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.audit(), 'list', filter],
    queryFn: (context) =>
      callEndpoint(
        'listAuditEntries',
        { ...toAuditFilter(filter, Date.now()), ...(context.pageParam !== null && { before: context.pageParam }) },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextBefore,
    placeholderData: keepPreviousData,
    select: ({ pages }) => {
      const last = pages.at(-1)
      return {
        entries: pages.flatMap(({ entries }) => entries),
        badges: pages.flatMap(({ badges }) => badges),
        cutAtMs: last?.isTruncated ? last.oldestReadAtMs : null,
      }
    },
  })
}

/** How many entries fit a filter in each step of its time. */
export function auditCountsQuery(filter: AuditListFilter) {
  return queryOptions({
    queryKey: [...keys.audit(), 'counts', filter],
    queryFn: (context) => callEndpoint('countAuditEntries', toAuditFilter(filter, Date.now()), toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}

export function auditEntryQuery(auditId: string) {
  return queryOptions({
    queryKey: [...keys.audit(), 'entry', auditId],
    queryFn: (context) => callEndpoint('getAuditEntry', { auditId }, toCallOptions(context)),
  })
}

/** The address of a file with the entries that fit a filter. */
export function auditExportHref(filter: AuditListFilter, format: 'ndjson' | 'csv', nowMs: number): string {
  const { namespace, ...fields } = toAuditFilter(filter, nowMs)
  const query = new URLSearchParams({ format })
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, String(value))
  if (namespace) query.set('namespace', joinNamespace(namespace))
  return `/api/v1/audit/export?${query}`
}

const RECEIVERS_INTERVAL_MS = 15_000

/** The systems outside that the audit is forwarded to, and how far. */
export function auditReceiversQuery() {
  return queryOptions({
    queryKey: [...keys.audit(), 'receivers'],
    queryFn: async (context) => (await callEndpoint('listAuditReceivers', {}, toCallOptions(context))).receivers,
    refetchInterval: RECEIVERS_INTERVAL_MS,
  })
}
