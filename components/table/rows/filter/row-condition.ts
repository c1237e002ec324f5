import type { NestedField } from '@/lib/iceberg/schema/types'
import { predicateForValue } from './condition-draft'
import { filterColumns } from './filter-columns'
import { rowFilterText } from './row-filter'
import type { ColumnValue } from './row-identity'

/**
 * The condition that columns have these values, as text.
 *
 * @returns null if values of a column cannot be compared
 * @throws {AppError} too-large
 */
export function rowCondition(values: readonly ColumnValue[], fields: readonly NestedField[]): string | null {
  const columns = filterColumns(fields)
  const predicates = values.flatMap(({ fieldId, value }) => {
    const column = columns.find((candidate) => candidate.fieldId === fieldId)
    return (column && predicateForValue(column, value)) ?? []
  })
  return predicates.length === values.length ? rowFilterText(predicates) : null
}
