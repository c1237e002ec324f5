'use client'
import { parseAsString, useQueryStates } from 'nuqs'
import type { AuditListFilter } from '@/lib/client/audit'
import { AUDIT_QUERY_NAMES, type AuditQuery, auditFilterFromQuery } from './audit-filter'

const PARSERS = Object.fromEntries(AUDIT_QUERY_NAMES.map((name) => [name, parseAsString])) as Record<
  keyof AuditQuery,
  typeof parseAsString
>
const NOTHING = Object.fromEntries(AUDIT_QUERY_NAMES.map((name) => [name, null])) as AuditQuery

export type AuditAddress = {
  filter: AuditListFilter
  set: (change: Partial<AuditQuery>) => void
  /** Removes everything but the range of time. */
  clear: () => void
}

/** The filter of the list, in the address. */
export function useAuditFilter(): AuditAddress {
  const [query, setQuery] = useQueryStates(PARSERS)
  return {
    filter: auditFilterFromQuery(query),
    set: (change) => void setQuery(change),
    clear: () => void setQuery({ ...NOTHING, range: query.range }),
  }
}
