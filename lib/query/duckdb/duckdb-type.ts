import { AppError } from '@/lib/errors'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { quoteIdentifier } from '../quote-identifier'

/**
 * DuckDB's type for an Iceberg type. It has none for timestamps with zone and nanoseconds, which become their exact text
 * in UTC.
 *
 * @throws {AppError} not-supported for `variant` and for a struct without fields
 */
export function duckdbType(type: Type): string {
  if (typeof type === 'string') return duckdbPrimitive(type)
  switch (type.type) {
    case 'struct':
      if (type.fields.length === 0) throw new AppError('not-supported', 'A struct without fields cannot be queried.')
      return `STRUCT(${type.fields.map((field) => `${quoteIdentifier(field.name)} ${duckdbType(field.type)}`).join(', ')})`
    case 'list':
      return `${duckdbType(type.element)}[]`
    case 'map':
      return `MAP(${duckdbType(type.key)}, ${duckdbType(type.value)})`
  }
}

const PRIMITIVES: Partial<Record<PrimitiveType, string>> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  timestamp_ns: 'TIMESTAMP_NS',
  timestamptz_ns: 'VARCHAR',
  string: 'VARCHAR',
  uuid: 'UUID',
  binary: 'BLOB',
  // A column of unknown type has only nulls, which fit any type.
  unknown: 'INTEGER',
}

function duckdbPrimitive(type: PrimitiveType): string {
  const known = PRIMITIVES[type]
  if (known !== undefined) return known
  if (type.startsWith('decimal')) return type.toUpperCase()
  if (type.startsWith('fixed')) return 'BLOB'
  throw new AppError('not-supported', `Columns of type ${type} cannot be queried in the browser yet.`)
}

/** Whether a column, or a part of it, is a timestamp with a zone in DuckDB. */
export function hasZone(type: Type): boolean {
  if (typeof type === 'string') return type === 'timestamptz'
  if (type.type === 'struct') return type.fields.some((field) => hasZone(field.type))
  return type.type === 'list' ? hasZone(type.element) : hasZone(type.key) || hasZone(type.value)
}

/**
 * Refuses names that DuckDB cannot distinguish: it ignores case in names, Iceberg does not.
 *
 * @throws {AppError} not-supported, naming the two
 */
export function checkColumnNames(fields: readonly NestedField[]): void {
  const seen = new Map<string, string>()
  for (const { name } of fields) {
    const other = seen.get(name.toLowerCase())
    if (other !== undefined)
      throw new AppError(
        'not-supported',
        `The columns ${other} and ${name} differ only in case, which DuckDB cannot distinguish.`,
      )
    seen.set(name.toLowerCase(), name)
  }
}
