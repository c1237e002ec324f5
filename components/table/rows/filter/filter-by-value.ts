import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import { predicateForValue } from './condition-draft'
import { filterColumns } from './filter-columns'
import { type FilterCondition, rowFilterText } from './row-filter'

/**
 * A filter with the condition that a column has a value, or has another one, as text.
 *
 * @returns null if values of the column cannot be compared
 * @throws {AppError} too-large
 */
export function addValueCondition(
  conditions: readonly FilterCondition[],
  fields: readonly NestedField[],
  { fieldId, value, isExcluded = false }: { fieldId: number; value: Value | null; isExcluded?: boolean },
): string | null {
  const column = filterColumns(fields).find((candidate) => candidate.fieldId === fieldId)
  const predicate = column ? predicateForValue(column, value, isExcluded) : null
  return predicate && rowFilterText([...conditions.map((condition) => condition.predicate), predicate])
}
