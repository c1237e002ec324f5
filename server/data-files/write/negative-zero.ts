import 'server-only'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { quoteIdentifier } from '../duckdb/column-type'

/**
 * SQL for whether a row has a floating-point -0. DuckDB takes it for the same as +0, so that one of them gets lost where
 * it writes a dictionary.
 *
 * @returns null if no column can have one
 */
export function negativeZeroSql(fields: readonly NestedField[]): string | null {
  return anyOf(fields.map(({ name, type }) => conditionOf(type, quoteIdentifier(name))))
}

/** Whether the columns have floating-point values. */
export function hasFloatingPoint(fields: readonly NestedField[]): boolean {
  return negativeZeroSql(fields) !== null
}

/** May be null where the value is null. */
function conditionOf(type: Type, x: string): string | null {
  if (typeof type === 'string') return type === 'float' || type === 'double' ? `(${x} = 0 AND signbit(${x}))` : null
  switch (type.type) {
    case 'struct':
      return anyOf(type.fields.map((field) => conditionOf(field.type, `${x}.${quoteIdentifier(field.name)}`)))
    case 'list':
      return itemCondition(type.element, x)
    case 'map':
      return anyOf([itemCondition(type.key, `map_keys(${x})`), itemCondition(type.value, `map_values(${x})`)])
  }
}

function itemCondition(type: Type, list: string): string | null {
  const item = `i${list.length}`
  const condition = conditionOf(type, item)
  return condition && `list_bool_or(list_transform(${list}, lambda ${item}: ${condition}))`
}

function anyOf(conditions: readonly (string | null)[]): string | null {
  const present = conditions.filter((condition) => condition !== null)
  return present.length === 0 ? null : `(${present.join(' OR ')})`
}
