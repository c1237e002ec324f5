import { AppError } from '@/lib/errors'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { quoteIdentifier } from '../../sql/quote-identifier'

/**
 * DuckDB's type for an Iceberg type. It has none for timestamps with zone and nanoseconds, which become their exact text
 * in UTC.
 *
 * DuckDB gets variants as JSON text and geometries as well-known text.
 *
 * @throws {AppError} not-supported for a type that Lakeshore does not know, and for a struct without fields
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
  // As JSON.
  variant: 'VARCHAR',
  binary: 'BLOB',
  // A column of unknown type has only nulls, which fit any type.
  unknown: 'INTEGER',
}

function duckdbPrimitive(type: PrimitiveType): string {
  const known = PRIMITIVES[type]
  if (known !== undefined) return known
  if (type.startsWith('decimal')) return type.toUpperCase()
  if (type.startsWith('fixed')) return 'BLOB'
  // As well-known text.
  if (/^geo(metry|graphy)/.test(type)) return 'VARCHAR'
  throw new AppError('not-supported', `Columns of type ${type} cannot be queried in the browser yet.`)
}

/** Whether a column, or a part of it, is a timestamp with a zone in DuckDB. */
export function hasZone(type: Type): boolean {
  if (typeof type === 'string') return type === 'timestamptz'
  if (type.type === 'struct') return type.fields.some((field) => hasZone(field.type))
  return type.type === 'list' ? hasZone(type.element) : hasZone(type.key) || hasZone(type.value)
}
