import { AppError } from '@/lib/errors'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { quoteIdentifier } from '../quote-identifier'

/**
 * DuckDB's type for an Iceberg type. A timestamp with zone becomes a plain `TIMESTAMP` in UTC: time zones need an
 * extension that the browser's DuckDB does not include, and its functions would crash the engine.
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
  timestamptz: 'TIMESTAMP',
  timestamp_ns: 'TIMESTAMP_NS',
  timestamptz_ns: 'TIMESTAMP_NS',
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

/** Columns whose values have a zone and are shown in UTC. */
export function zonedColumns(fields: readonly NestedField[]): string[] {
  return fields.filter(({ type }) => type === 'timestamptz' || type === 'timestamptz_ns').map(({ name }) => name)
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
