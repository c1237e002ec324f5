import type { CellLink } from '@/components/ui/grid/grid-props'
import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import { type CellValue, filterableValue } from './cell-filter'

/** A column and its value in a row. */
export type ColumnValue = { fieldId: number; value: Value }

/**
 * Opens the history of a row of a grid, which is named by its identifier fields. Without them, or while they are not
 * read, it is named by the value of the clicked cell.
 */
export function toRowHistoryLink(
  valueAt: (row: number, fieldId: number) => CellValue,
  fieldsByKey: ReadonlyMap<string, NestedField>,
  { identifierFieldIds, onOpen }: { identifierFieldIds: readonly number[]; onOpen: (values: ColumnValue[]) => void },
): CellLink {
  const valuesOf = (row: number, columnKeys: readonly string[]): ColumnValue[] | null => {
    const values = columnKeys.flatMap((columnKey): ColumnValue[] => {
      const field = fieldsByKey.get(columnKey)
      const value = field && filterableValue(field, valueAt(row, field.id))
      return field === undefined || value === undefined || value === null ? [] : [{ fieldId: field.id, value }]
    })
    return values.length > 0 && values.length === columnKeys.length ? values : null
  }
  const identify = (row: number, columnKey: string) =>
    valuesOf(row, identifierFieldIds.map(String)) ?? valuesOf(row, [columnKey])
  return {
    isOffered: (row, columnKey) => identify(row, columnKey) !== null,
    open: (row, columnKey) => {
      const values = identify(row, columnKey)
      if (values !== null) onOpen(values)
    },
  }
}
