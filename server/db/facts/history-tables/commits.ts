import 'server-only'
import { sql } from 'kysely'
import { historyColumn, type HistoryColumn, tableColumns, writerColumn } from './history-column'
import type { HistoryTable } from './history-table'

/** One row for each fact: a commit, or another change of what `main` has. */
export const COMMITS: HistoryTable = {
  columns: [
    historyColumn('committed_at', 'instant', sql`r.at_ms`, { isRequired: true }),
    ...tableColumns(),
    historyColumn('seq', 'count', sql`r.seq`, { isRequired: true }),
    historyColumn('kind', 'text', sql`r.kind`, { isRequired: true }),
    historyColumn('snapshot_id', 'id', sql`r.snapshot_id`),
    historyColumn('operation', 'text', sql`r.operation`),
    historyColumn('branch', 'text', sql`r.branch`),
    writerColumn('engine'),
    writerColumn('library'),
    writerColumn('application'),
    writerColumn('username'),
    writerColumn('client'),
    historyColumn('rows_added', 'count', sql`r.rows_added`),
    historyColumn('rows_removed', 'count', sql`r.rows_removed`),
    historyColumn('files_added', 'count', sql`r.files_added`),
    historyColumn('files_removed', 'count', sql`r.files_removed`),
    historyColumn('bytes_added', 'count', sql`r.bytes_added`),
    historyColumn('bytes_removed', 'count', sql`r.bytes_removed`),
    deleteColumn('delete_files_added', 'files_added'),
    deleteColumn('delete_files_removed', 'files_removed'),
    deleteColumn('position_deletes_added', 'position_deletes_added'),
    deleteColumn('position_deletes_removed', 'position_deletes_removed'),
    deleteColumn('equality_deletes_added', 'equality_deletes_added'),
    deleteColumn('equality_deletes_removed', 'equality_deletes_removed'),
    historyColumn('entered_at', 'instant', sql`r.entered_at_ms`),
    historyColumn('stated_at', 'instant', sql`r.stated_at_ms`),
    historyColumn('reason', 'text', sql`r.reason`),
    historyColumn('run_id', 'text', sql`x.run_id`),
    historyColumn('query_id', 'text', sql`x.query_id`),
    historyColumn('input_bytes', 'count', sql`x.input_bytes`),
    historyColumn('duration_ms', 'count', sql`x.duration_ms`),
    historyColumn('retries', 'count', sql`x.retries`),
  ],
  timeColumn: 'committed_at',
  stored: sql`fact_commits as r`,
  joins: sql`left join fact_tables as t on t.id = r.table_id
    left join fact_writers as w on w.id = r.writer_id
    left join fact_deletes as d on d.table_id = r.table_id and d.seq = r.seq
    left join fact_details as x on x.table_id = r.table_id and x.seq = r.seq`,
  groupedBy: null,
  key: [sql`r.at_ms`, sql`r.table_id`, sql`r.seq`],
  isByTime: true,
}

/** Rows without deletes have none there, and are not unknown. */
function deleteColumn(name: string, stored: string): HistoryColumn {
  return historyColumn(name, 'count', sql`case when d.table_id is null then 0 else ${sql.ref(`d.${stored}`)} end`)
}
