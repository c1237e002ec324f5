import type { CellFilter } from '@/components/ui/grid/grid-props'
import type { AppError } from '@/lib/errors'
import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'

/** The store's knowledge of a cell. */
export type CellValue = RowValue | null | undefined | AppError

/** Filters rows by a value of theirs; the value is in the column, or is excluded from it. */
export type FilterByValue = (fieldId: number, value: Value | null, isExcluded: boolean) => void

/** A value that a condition of a filter can have; undefined if it is nested, failed, or not read yet. */
export function filterableValue({ type }: NestedField, value: CellValue): Value | null | undefined {
  const isNested = typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
  return isNested || typeof type !== 'string' ? undefined : value
}

/** Filters the rows of a grid by the value of a cell. */
export function toCellFilter(
  valueAt: (row: number, fieldId: number) => CellValue,
  fieldsByKey: ReadonlyMap<string, NestedField>,
  onFilterValue: FilterByValue,
): CellFilter {
  const filterValueAt = (row: number, columnKey: string): Value | null | undefined => {
    const field = fieldsByKey.get(columnKey)
    return field && filterableValue(field, valueAt(row, field.id))
  }
  return {
    isOffered: (row, columnKey) => filterValueAt(row, columnKey) !== undefined,
    apply: (row, columnKey, isExcluded) => {
      const value = filterValueAt(row, columnKey)
      if (value !== undefined) onFilterValue(Number(columnKey), value, isExcluded)
    },
  }
}
