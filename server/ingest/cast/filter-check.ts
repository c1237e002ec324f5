import 'server-only'
import { predicateToSql } from '@/lib/query/predicate-sql'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { type BoundColumn, type BoundPredicate, columnsOf } from '@/lib/scan/predicate/predicate'
import type { RowCheck } from './row-check'

/** A filter that every row of a load has to pass, and its text for messages. */
export type RowRequirement = { predicate: BoundPredicate; text: string }

const MAX_SHOWN_CHARS = 200

/**
 * The filter as a check of its first column, over the staged columns. A row for which the filter is unknown does not pass.
 *
 * @param stagedColumn the column of a field, by its index in the schema
 */
export function toFilterCheck(
  { predicate, text }: RowRequirement,
  fields: readonly NestedField[],
  stagedColumn: (index: number) => string,
): RowCheck[] {
  const indexOf = ({ field }: BoundColumn) => fields.findIndex(({ id }) => id === field.id)
  const [first] = columnsOf(predicate)
  const columnIndex = first === undefined ? 0 : indexOf(first)
  const staged = onStagedColumns(predicate, (column) => stagedColumn(indexOf(column)))
  const sql = `(NOT coalesce((${predicateToSql(staged)}), false))`
  const shown = text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text
  return [{ columnIndex, reason: `is in a row that does not match ${shown}`, isBroken: () => sql }]
}

function onStagedColumns(predicate: BoundPredicate, nameOf: (column: BoundColumn) => string): BoundPredicate {
  switch (predicate.kind) {
    case 'true':
    case 'false':
      return predicate
    case 'and':
    case 'or':
      return { kind: predicate.kind, parts: predicate.parts.map((part) => onStagedColumns(part, nameOf)) }
    default: {
      const { column } = predicate
      // DuckDB has no nanoseconds with a zone: they are staged as nanoseconds of UTC.
      const type = column.type === 'timestamptz_ns' ? 'timestamp_ns' : column.type
      return { ...predicate, column: { ...column, type, field: { ...column.field, name: nameOf(column) } } }
    }
  }
}
