'use client'
import { createSerializer, parseAsString, useQueryStates } from 'nuqs'
import type { AuditListFilter } from '@/lib/client/audit'
import { paths } from '@/lib/paths/paths'
import { AUDIT_QUERY_NAMES, type AuditQuery, auditFilterFromQuery } from './audit-filter'

const PARSERS = Object.fromEntries(AUDIT_QUERY_NAMES.map((name) => [name, parseAsString])) as Record<
  keyof AuditQuery,
  typeof parseAsString
>
const NOTHING = Object.fromEntries(AUDIT_QUERY_NAMES.map((name) => [name, null])) as AuditQuery

const writeQuery = createSerializer(PARSERS)

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

/**
 * Returns the address of an entry, or of the list alone for null, with the filters that the list obeys. The router hears
 * of them later than the list: a row opened in between would lose them.
 */
export function useEntryHref(): (auditId: string | null) => string {
  const [query] = useQueryStates(PARSERS)
  return (auditId) => writeQuery(auditId === null ? paths.audit() : paths.auditEntry(auditId), query)
}
