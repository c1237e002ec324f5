import 'server-only'
import type { DuckDBType } from '@duckdb/node-api'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ColumnCast } from './column-cast'
import { typedColumn } from './typed-column'

/**
 * A column that an expression computes. The result has to fit exactly, as a column of a Parquet file does; where the
 * expression raises an error, its row does not fit.
 *
 * @param raw the result of {@link guardedExpression}
 * @throws {AppError} invalid-request when no result of the type could be a value of the column
 */
export function expressionColumn(
  field: NestedField,
  raw: string,
  { type, ignoreExtra }: { type: DuckDBType; ignoreExtra: boolean },
): ColumnCast {
  const column = typedColumn(field, `${raw}.v`, type, { ignoreExtra, source: 'expression' })
  return {
    field,
    raw: `CASE WHEN ${raw} IS NOT NULL THEN {'v': ${column.raw}} END`,
    value: (guarded) => column.value(`${guarded}.v`),
    isBad: (guarded, value) => `(${guarded} IS NULL OR coalesce(${column.isBad(`${guarded}.v`, value)}, false))`,
    displayText: (guarded) => column.displayText(`${guarded}.v`),
  }
}

/** A struct, so that an error is distinguished from a result that is null. */
export function guardedExpression(sql: string): string {
  return `TRY({'v': ${sql}})`
}
