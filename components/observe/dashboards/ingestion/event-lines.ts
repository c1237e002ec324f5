import type { EventLine } from '@/components/chart/equation-bars'
import { tableLabel } from '@/components/about/table-link'
import type { Ingestion } from '@/lib/contract/dashboards'
import { formatQuantity } from '@/lib/format/count'

type Event = Ingestion['events'][number]

/** More lines would hide the bars; the tooltip has all events. The first kinds explain most. */
const MAX_LINES = 8
const MAX_NAME_CHARS = 18
const KINDS: readonly Event['kind'][] = ['rollback', 'dropped', 'replaced', 'restored', 'schema', 'expiry']

/** The lines of the events that explain most. They name their table if there are several. */
export function toEventLines({ events, tableCount }: Pick<Ingestion, 'events' | 'tableCount'>): EventLine[] {
  const isOneTable = tableCount <= 1 && new Set(events.map(({ table }) => tableLabel(table))).size === 1
  return events
    .toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
    .slice(0, MAX_LINES)
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((event) => ({
      atMs: event.atMs,
      text: isOneTable ? eventText(event) : `${shorten(event.table.table)} ${eventText(event)}`,
      title: eventSentence(event),
    }))
}

/** Labels have room for about thirty characters. */
function shorten(name: string): string {
  return name.length > MAX_NAME_CHARS ? `${name.slice(0, MAX_NAME_CHARS - 1)}…` : name
}

/** The event in a word or two. */
function eventText({ kind, detail }: Event): string {
  switch (kind) {
    case 'rollback':
      return 'rolled back'
    case 'schema':
      return `schema ${detail}`
    case 'expiry':
      return 'expired'
    default:
      return kind
  }
}

/** The same with its table and numbers, for the tooltip. */
export function eventSentence(event: Event): string {
  const { kind, detail, table } = event
  const count =
    kind === 'rollback'
      ? `, ${formatQuantity(detail ?? 0, 'commit')}`
      : kind === 'expiry'
        ? `, ${formatQuantity(detail ?? 0, 'snapshot')}`
        : ''
  return `${tableLabel(table)}: ${eventText(event)}${count}`
}
