import 'server-only'
import { sql } from 'kysely'
import { historyColumn, type HistoryColumn, tableColumns } from './history-column'
import type { HistoryTable } from './history-table'

/** One row for each table, UTC day, term and operation. */
export const FILES_DAILY: HistoryTable = {
  columns: [
    historyColumn('day', 'day', sql`r.period`, { isRequired: true }),
    ...tableColumns(),
    historyColumn('term', 'text', sql`r.term`, { isRequired: true }),
    historyColumn('operation', 'text', sql`nullif(r.operation, '')`),
    sumColumn('commits'),
    sumColumn('rows'),
    sumColumn('files'),
    sumColumn('bytes'),
  ],
  timeColumn: 'day',
  stored: sql`fact_days as r`,
  joins: sql`left join fact_tables as t on t.id = r.table_id`,
  groupedBy: sql`t.id, r.table_id, r.period, r.term, r.operation`,
  key: [sql`r.table_id`, sql`r.period`, sql`r.term`, sql`r.operation`],
  isByTime: false,
}

function sumColumn(name: 'commits' | 'rows' | 'files' | 'bytes'): HistoryColumn {
  return historyColumn(name, 'count', sql`sum(${sql.ref(`r.${name}`)})`, { isRequired: true })
}
