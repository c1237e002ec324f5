import 'server-only'
import type { TableEvent } from '@/lib/facts/table-event'
import type { Database } from '../database'
import { query } from '../statement'
import { isInScope, type SumScope } from './is-in-scope'

/** The events of more tables are sought by their time. */
const MAX_SOUGHT_TABLES = 1_000

/** Events of tables, the newest first. */
export async function readFactEvents(
  database: Database,
  {
    of,
    fromMs,
    toMs,
    kind,
    limit,
  }: {
    of: SumScope
    fromMs: number
    toMs: number
    /** By default all kinds. */
    kind?: TableEvent['kind']
    limit: number
  },
): Promise<{ tableId: number; event: TableEvent }[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_events')
        .select(['table_id', 'at_ms', 'kind', 'detail'])
        .where('at_ms', '>=', fromMs)
        .where('at_ms', '<', toMs)
        .$if(kind !== undefined, (events) => events.where('kind', '=', kind ?? 'properties'))
        .where(isInScope(dialect, of, { isByTime: 'catalogs' in of || of.tableIds.length > MAX_SOUGHT_TABLES }))
        .orderBy('at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit),
    ),
  )
  return rows.map(({ table_id, at_ms, kind, detail }) => ({
    tableId: table_id,
    event: { atMs: at_ms, kind, ...(JSON.parse(detail) as object) } as TableEvent,
  }))
}
