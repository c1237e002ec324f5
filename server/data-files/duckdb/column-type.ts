import 'server-only'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'

/** Iceberg's types as DuckDB's types. */

/**
 * The DuckDB type whose Parquet form is the one that Iceberg requires (spec, appendix A, *Parquet*), for types that
 * `requireWritable` accepts.
 */
export function duckdbType(type: Type): string {
  if (typeof type === 'string') return duckdbPrimitive(type)
  switch (type.type) {
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${quoteIdentifier(field.name)} ${duckdbType(field.type)}`).join(', ')})`
    case 'list':
      return `${duckdbType(type.element)}[]`
    case 'map':
      return `MAP(${duckdbType(type.key)}, ${duckdbType(type.value)})`
  }
}

/** The same shape with text instead of every primitive value. */
export function textShape(type: Type): string {
  if (typeof type === 'string') return 'VARCHAR'
  switch (type.type) {
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${quoteIdentifier(field.name)} ${textShape(field.type)}`).join(', ')})`
    case 'list':
      return `${textShape(type.element)}[]`
    case 'map':
      return `MAP(VARCHAR, ${textShape(type.value)})`
  }
}

/** Quotes a name for SQL, whatever characters it has. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quotes a text as an SQL literal. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function duckdbPrimitive(type: PrimitiveType): string {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      return 'BOOLEAN'
    case 'int':
      return 'INTEGER'
    case 'long':
      return 'BIGINT'
    case 'float':
      return 'FLOAT'
    case 'double':
      return 'DOUBLE'
    case 'decimal':
      return `DECIMAL(${primitive.precision}, ${primitive.scale})`
    case 'date':
      return 'DATE'
    case 'time':
      return 'TIME'
    case 'timestamp':
      return 'TIMESTAMP'
    case 'timestamptz':
      return 'TIMESTAMPTZ'
    case 'string':
      return 'VARCHAR'
    case 'timestamp_ns':
    case 'timestamptz_ns':
      // DuckDB has no such type with a zone: the values are in UTC, and the finished file says so (`footer-patch`).
      return 'TIMESTAMP_NS'
    case 'uuid':
      return 'UUID'
    case 'binary':
      return 'BLOB'
    case 'unknown':
      // Contains only nulls, until the column is removed before the files are written.
      return 'VARCHAR'
    case 'fixed':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      throw new TypeError(`columns of type ${type} are refused before anything is read`)
  }
}
