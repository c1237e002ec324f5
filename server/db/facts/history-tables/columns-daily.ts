import 'server-only'
import { sql } from 'kysely'
import { historyColumn, tableColumns } from './history-column'
import type { HistoryTable } from './history-table'

/** One row for each table, UTC day and column whose bytes changed. */
export const COLUMNS_DAILY: HistoryTable = {
  columns: [
    historyColumn('day', 'day', sql`r.period`, { isRequired: true }),
    ...tableColumns(),
    historyColumn('field_id', 'count', sql`r.field_id`, { isRequired: true }),
    historyColumn('column_name', 'text', sql`nullif(c.column_name, '')`),
    historyColumn('type', 'text', sql`nullif(c.type, '')`),
    historyColumn('stored_bytes', 'count', sql`r.stored_bytes`, { isRequired: true }),
    historyColumn('encoded_bytes', 'count', sql`r.encoded_bytes`, { isRequired: true }),
    historyColumn('plain_bytes', 'count', sql`r.plain_bytes`, { isRequired: true }),
  ],
  timeColumn: 'day',
  stored: sql`fact_column_days as r`,
  joins: sql`left join fact_tables as t on t.id = r.table_id
    left join fact_column_sizes as c on c.table_id = r.table_id and c.field_id = r.field_id`,
  groupedBy: null,
  key: [sql`r.table_id`, sql`r.field_id`, sql`r.period`],
  isByTime: false,
}
