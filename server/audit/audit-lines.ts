import 'server-only'
import * as z from 'zod'
import { auditEntry, type AuditEntryView } from '@/lib/contract/audit'
import { type CsvCell, toCsvLines } from '@/lib/format/csv'
import { namespaceLabel } from '@/lib/names/identifiers'

/** Entries as lines of a file, and the line that announces further ones. */
export type AuditFormat = {
  mediaType: string
  header: string
  toLine: (entry: AuditEntryView) => string
  toCutLine: (nextBefore: string) => string
}

const COLUMNS: readonly [string, (entry: AuditEntryView) => CsvCell][] = [
  ['time', ({ atMs }) => new Date(atMs).toISOString()],
  ['actor', ({ actor }) => actor],
  ['source', ({ source }) => source],
  ['client', ({ via }) => via?.client ?? null],
  ['token', ({ via }) => via?.token ?? null],
  ['address', ({ address }) => address],
  ['action', ({ action }) => action],
  ['catalog', ({ table, namespace }) => table?.catalog ?? namespace?.catalog ?? null],
  ['namespace', ({ table, namespace }) => toNamespaceLabel(table?.namespace ?? namespace?.namespace)],
  ['table', ({ table }) => table?.table ?? null],
  ['subject', ({ subject }) => (subject ? `${subject.kind} ${subject.name}` : null)],
  ['outcome', ({ outcome }) => outcome],
  ['reason', ({ refusal }) => refusal?.reason ?? null],
  ['times', ({ refusal }) => refusal?.count ?? 1],
  ['changes', ({ changes }) => (changes.length === 0 ? null : JSON.stringify(changes))],
  ['request id', ({ requestId }) => requestId],
  ['undoes', ({ undoes }) => undoes],
  ['id', ({ id }) => id],
]

export const AUDIT_FORMATS: Readonly<Record<'ndjson' | 'csv', AuditFormat>> = {
  ndjson: {
    mediaType: 'application/x-ndjson',
    header: '',
    toLine: (entry) => `${JSON.stringify(toEntryJson(entry))}\n`,
    toCutLine: (nextBefore) => `${JSON.stringify({ isTruncated: true, nextBefore })}\n`,
  },
  csv: {
    mediaType: 'text/csv; charset=utf-8',
    header: toCsvLines([COLUMNS.map(([name]) => name)]),
    toLine: (entry) => toCsvLines([COLUMNS.map(([, toCell]) => toCell(entry))]),
    toCutLine: (nextBefore) => toCsvLines([[`more entries: before=${nextBefore}`]]),
  },
}

/** The entry as the API returns it, with its time also in ISO 8601. */
export function toEntryJson(entry: AuditEntryView) {
  return { time: new Date(entry.atMs).toISOString(), ...z.encode(auditEntry, entry) }
}

function toNamespaceLabel(namespace: readonly string[] | undefined): string | null {
  return namespace === undefined ? null : namespaceLabel(namespace)
}
