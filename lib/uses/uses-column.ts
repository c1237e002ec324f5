import type { TableUse } from '@/lib/contract/table/uses'

/** Whether it uses one of these columns. A text that reads every column, or may read any, does. */
export function usesColumn(use: TableUse, columns: readonly string[]): boolean {
  const { columns: named } = use
  return !writesTable(use) && (named === null || columns.some((column) => named.includes(column)))
}

/** Whether it is a schedule whose runs write the table. Its files or its statement say which columns they fill. */
export function writesTable({ kind, entry }: TableUse): boolean {
  return kind === 'schedule' && entry === null
}
