import 'server-only'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/primitive'
import type { PrimitiveType, Type } from '@/lib/iceberg/types'

/** Iceberg's types in DuckDB's words. */

/**
 * The DuckDB type whose Parquet form is the one Iceberg asks for (spec, appendix A, *Parquet*).
 *
 * @throws {AppError} not-supported for a type DuckDB cannot write that way
 */
export function duckdbType(type: Type): string {
  if (typeof type === 'string') return duckdbPrimitive(type)
  switch (type.type) {
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${quoteName(field.name)} ${duckdbType(field.type)}`).join(', ')})`
    case 'list':
      return `${duckdbType(type.element)}[]`
    case 'map':
      return `MAP(${duckdbType(type.key)}, ${duckdbType(type.value)})`
  }
}

/** The same shape with text in the place of every primitive value. */
export function textShape(type: Type): string {
  if (typeof type === 'string') return 'VARCHAR'
  switch (type.type) {
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${quoteName(field.name)} ${textShape(field.type)}`).join(', ')})`
    case 'list':
      return `${textShape(type.element)}[]`
    case 'map':
      return `MAP(VARCHAR, ${textShape(type.value)})`
  }
}

/** A name as SQL takes it whatever it holds. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as an SQL literal. */
export function quoteText(text: string): string {
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
    case 'uuid':
      return 'UUID'
    case 'binary':
      return 'BLOB'
    case 'fixed':
      // Iceberg asks for fixed_len_byte_array, and DuckDB writes byte_array, which PyIceberg refuses for it.
      throw notWritten(type, 'Lakeshore cannot write bytes of a fixed length yet: binary takes them.')
    case 'timestamp_ns':
    case 'timestamptz_ns':
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      throw notWritten(type, `Tables of format version 2, which Lakeshore writes, have no columns of type ${type}.`)
  }
}

function notWritten(type: PrimitiveType, detail: string): AppError {
  return new AppError('not-supported', detail, { facts: { type } })
}
