import 'server-only'
import type { RawBuilder } from 'kysely'
import type { HistoryColumn } from './history-column'

/**
 * A history table: where its rows are, and what its columns are of them. Adding one is such a definition, its name in
 * `lib/facts/history-table-names`, and its place in `history-tables`.
 */
export type HistoryTable = {
  columns: readonly HistoryColumn[]
  /** The column of the time, by which a range of rows is found without reading the others. */
  timeColumn: string
  /** Stored rows `r`, which have a column `table_id`. */
  stored: RawBuilder<unknown>
  /** Left joins of `t` and of whatever else the columns name. */
  joins: RawBuilder<unknown>
  /** Joins the stored rows that are summed up to one row; null: each is a row. */
  groupedBy: RawBuilder<unknown> | null
  /**
   * The order in which rows are read, by an index: columns of `r` that are never null, in which no two rows are equal. By
   * time it begins with the time, and otherwise with the table.
   */
  key: readonly RawBuilder<unknown>[]
  isByTime: boolean
}
