import 'server-only'
import type { RawBuilder } from 'kysely'
import type { HistoryColumn } from './history-column'

/**
 * A history table: where its rows are, and what its columns are of them. Adding one is such a definition, its name in
 * `lib/facts/history-table-names`, and its place in `history-tables`.
 */
export type HistoryTable = {
  columns: readonly HistoryColumn[]
  /** Stored rows `r`, which have a column `table_id`, left-joined with `t` and whatever else the columns name. */
  source: RawBuilder<unknown>
  /** Joins the stored rows that are summed up to one row; null: each is a row. */
  groupedBy: RawBuilder<unknown> | null
  /** What orders rows by time, each once: the time first. Texts and numbers of `r` that are never null. */
  timeKey: readonly RawBuilder<unknown>[]
  /** What orders rows as they are stored, where reading all of them by time would read them several times. */
  storedKey: readonly RawBuilder<unknown>[] | null
  /** The name of the column by whose order rows can be read. */
  timeColumn: string
}
