import { type AddressChecks, checkChoice, quoteAddress } from '@/components/ui/notes/address-problems'
import { AUDIT_RANGES, type AuditListFilter, type AuditRange } from '@/lib/client/audit'
import { AUDIT_OUTCOMES, AUDIT_SOURCES } from '@/lib/contract/shapes/plain-values'
import { splitNamespace } from '@/lib/names/identifiers'

/** Names in the address of the list. */
export const AUDIT_QUERY_NAMES = [
  'range',
  'from',
  'to',
  'q',
  'actor',
  'action',
  'source',
  'outcome',
  'catalog',
  'namespace',
  'table',
] as const
export type AuditQuery = Readonly<Record<(typeof AUDIT_QUERY_NAMES)[number], string | null>>

const RANGES = Object.keys(AUDIT_RANGES) as AuditRange[]
export const DEFAULT_AUDIT_RANGE: AuditRange = '7d'

/** The filter in an address. Unreadable values, and parts of a name without their parents, filter nothing. */
export function auditFilterFromQuery(query: AuditQuery): AuditListFilter {
  const { range, q, actor, action, catalog } = query
  const source = AUDIT_SOURCES.find((one) => one === query.source)
  const outcome = AUDIT_OUTCOMES.find((one) => one === query.outcome)
  const namespace = catalog === null ? null : query.namespace
  const table = namespace === null ? null : query.table
  const [fromMs, toMs] = [parseMs(query.from), parseMs(query.to)]
  return {
    range: RANGES.find((one) => one === range) ?? DEFAULT_AUDIT_RANGE,
    ...(q && { text: q.slice(0, 200) }),
    ...(actor && { actor }),
    ...(action && { action }),
    ...(source && { source }),
    ...(outcome && { outcome }),
    ...(catalog && { catalog }),
    ...(namespace && { namespace: splitNamespace(namespace) }),
    ...(table && { table }),
    ...(fromMs !== null && { fromMs }),
    ...(toMs !== null && { toMs }),
  }
}

/** Why the list ignores a part of its address. */
export function auditChecks({ range, fromMs, toMs, catalog, namespace }: AuditListFilter): AddressChecks {
  const checkTime = (name: string) => (value: string) =>
    parseMs(value) === null ? `${quoteAddress(name, value)} is not a time in milliseconds since 1970.` : null
  return {
    ...checkChoice(
      'range',
      RANGES,
      fromMs === undefined && toMs === undefined
        ? `The last ${AUDIT_RANGES[range].label} are listed.`
        : 'The selected span is listed.',
    ),
    from: checkTime('from'),
    to: checkTime('to'),
    namespace: (value) =>
      catalog === undefined ? `${quoteAddress('namespace', value)} needs a catalog in ?catalog=.` : null,
    table: (value) =>
      namespace === undefined ? `${quoteAddress('table', value)} needs a namespace in ?namespace=.` : null,
    ...checkChoice('source', AUDIT_SOURCES, 'All sources are listed.'),
    ...checkChoice('outcome', AUDIT_OUTCOMES, 'All outcomes are listed.'),
  }
}

/** Whether the filter is narrower than its range of time. */
export function isNarrowed({ range: _range, ...parts }: AuditListFilter): boolean {
  return Object.keys(parts).length > 0
}

/** In milliseconds since 1970. */
function parseMs(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}
