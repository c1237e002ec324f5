import 'server-only'
import { type Ingestion, INGESTION_EVENTS } from '@/lib/contract/dashboards'
import type { TableEvent } from '@/lib/facts/table-event'
import type { TableIdentifier } from '@/lib/names/identifiers'

/** The events of tables that lines of the chart explain, oldest first. */
export function toIngestionEvents(
  newestFirst: readonly { tableId: number; event: TableEvent }[],
  tables: ReadonlyMap<number, TableIdentifier>,
): Ingestion['events'] {
  return newestFirst.toReversed().flatMap(({ tableId, event }) => {
    const table = tables.get(tableId)
    const kind = INGESTION_EVENTS.find((one) => one === event.kind)
    return table && kind ? [{ atMs: event.atMs, table, kind, detail: detailOf(event) }] : []
  })
}

function detailOf(event: TableEvent): number | null {
  if (event.kind === 'schema') return event.toId
  return event.kind === 'rollback' || event.kind === 'expiry' ? event.count : null
}
