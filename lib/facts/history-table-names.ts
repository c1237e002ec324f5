/** The collected history of tables, as tables that SQL can read: `lakeshore.commits`. */

export const HISTORY_TABLE_NAMES = ['commits', 'files_daily', 'columns_daily'] as const
export type HistoryTableName = (typeof HISTORY_TABLE_NAMES)[number]

/** The namespace of the history tables in SQL. */
export const HISTORY_NAMESPACE = 'lakeshore'

/** The history table that a name in SQL may refer to; null for any other name. */
export function parseHistoryTable(parts: readonly string[]): HistoryTableName | null {
  const [namespace, name, ...others] = parts
  if (namespace !== HISTORY_NAMESPACE || others.length > 0) return null
  return HISTORY_TABLE_NAMES.find((each) => each === name) ?? null
}

export function historyTableLabel(name: HistoryTableName): string {
  return `${HISTORY_NAMESPACE}.${name}`
}

/** By time, or in whichever order costs least. */
export const HISTORY_ORDERS = ['newest-first', 'oldest-first', 'any'] as const
export type HistoryOrder = (typeof HISTORY_ORDERS)[number]
