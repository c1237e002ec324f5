import type { SqlRange } from './sql-error'

/**
 * The selected part of a text, at its position: the text before it is replaced by white space. Without a selection, the
 * text.
 */
export function selectedSql(sql: string, selection: SqlRange | null): string {
  return selection === null ? sql : ' '.repeat(selection.start) + sql.slice(selection.start, selection.end)
}
