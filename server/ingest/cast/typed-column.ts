import 'server-only'
import { DuckDBStructType, type DuckDBType, DuckDBTypeId, LIST, MAP } from '@duckdb/node-api'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { type ColumnCast, textColumn } from './column-cast'
import { exactTextSql, infiniteSql } from '@/server/codecs/duckdb-infinity'
import { someLeafSql } from '@/server/codecs/duckdb-leaves'
import { duckdbType, quoteIdentifier } from '@/server/data-files/duckdb/column-type'
import { epochMicrosSql, timestampNanosSql } from '@/server/data-files/duckdb/value-text'
import { NANOSECOND_DAYS } from '@/lib/ingest/text-value'
import { hasWriteDefault } from './write-default'

/**
 * A column of a Parquet file. A value of another width or scale is accepted if the column's type converts it back to
 * the same value: `1204.0` in a double is the long 1204, `1204.5` is rejected. A float column accepts a double only if
 * no precision is lost. A string is cast like text. The nulls of SQLNULL (`file-types`) fit every type.
 *
 * @param options.isRescaled whether times of the file may have another unit than those of DuckDB's type
 */
export function typedColumn(
  field: NestedField,
  raw: string,
  from: DuckDBType,
  {
    ignoreExtra,
    source = 'file',
    isRescaled = source !== 'file',
  }: { ignoreExtra: boolean; source?: 'file' | 'expression'; isRescaled?: boolean },
): ColumnCast {
  if (typeof field.type === 'string' && field.type !== 'string' && from.typeId === DuckDBTypeId.VARCHAR) {
    return textColumn(field, field.type, raw)
  }
  if (field.type === 'unknown') return unknownColumn(field, raw, from)
  requireCompatibleType(field.type, from, field.name, { ignoreExtra, source })
  const to = duckdbType(field.type)
  const projected = projectType(field.type, from)
  const projectedType = sqlType(projected)
  const isSame = normalizeTypeName(to) === normalizeTypeName(projectedType)
  const missing = missingValueSql(field.type, 'VALUE')
  return {
    field,
    raw: projectedType === sqlType(from) ? raw : `${raw}::${projectedType}`,
    value: (input) => (isSame ? input : castTo(field.type, input, projected)),
    isBad: (input, value) => {
      const isChanged = isSame
        ? 'false'
        : `CASE WHEN ${input} IS NULL THEN false ELSE ${value} IS NULL OR TRY_CAST(${value} AS ${projectedType}) IS DISTINCT FROM ${input} END`
      // In another type or unit infinity is another time, and an expression may result in infinity itself.
      const isInfinite = isSame && !isRescaled ? null : infiniteSql(projected, input)
      const others = [
        ...(isInfinite === null ? [] : [isInfinite]),
        ...[someLeafSql(projected, input, hasNullTypeValueSql)].filter((part) => part !== null),
        ...(field.required ? [`${input} IS NULL`] : []),
        ...(missing === null ? [] : [`coalesce(${missing.replaceAll('VALUE', value)}, false)`]),
      ]
      return [isChanged, ...others].filter((part) => part !== 'false').join(' OR ') || 'false'
    },
    displayText: (input) => (isRescaled ? `${input}::VARCHAR` : exactTextSql(projected, input)),
  }
}

/** A file that has a value in a column of nulls contradicts itself. */
function hasNullTypeValueSql({ typeId }: DuckDBType, value: string): string | null {
  return typeId === DuckDBTypeId.SQLNULL ? `(${value} IS NOT NULL)` : null
}

/** A column of any type in the file, which may only contain nulls. */
function unknownColumn(field: NestedField, raw: string, from: DuckDBType): ColumnCast {
  return {
    field,
    raw,
    value: () => 'NULL::VARCHAR',
    isBad: (input) => `(${input} IS NOT NULL)`,
    displayText: (input) => exactTextSql(from, input),
  }
}

/** DuckDB's own cast fails near the ends of the range of nanoseconds. */
function castTo(type: Type, input: string, from: DuckDBType): string {
  const isNanos = type === 'timestamp_ns' || type === 'timestamptz_ns'
  if (!isNanos || from.typeId === DuckDBTypeId.SQLNULL) return `TRY_CAST(${input} AS ${duckdbType(type)})`
  const { first, last } = NANOSECOND_DAYS
  const ordinary = `TIMESTAMP '${first} 00:00:00' AND TIMESTAMP '${last} 23:59:59.999999'`
  return `CASE WHEN ${input} BETWEEN ${ordinary} THEN ${input}::TIMESTAMP_NS ELSE ${timestampNanosSql(`${epochMicrosSql(input)}::HUGEINT * 1000`)} END`
}

function normalizeTypeName(type: string): string {
  return type.replaceAll(' ', '').toUpperCase()
}

/** The input's own type as SQL. */
export function sqlType(from: DuckDBType): string {
  switch (from.typeId) {
    case DuckDBTypeId.STRUCT:
      return structType(from.entryNames.map((name, i) => [name, sqlType(entryType(from.entryTypes, i))]))
    case DuckDBTypeId.LIST:
      return `${sqlType(from.valueType)}[]`
    case DuckDBTypeId.MAP:
      return `MAP(${sqlType(from.keyType)}, ${sqlType(from.valueType)})`
    case DuckDBTypeId.DECIMAL:
      return `DECIMAL(${from.width}, ${from.scale})`
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'TIMESTAMPTZ'
    // DuckDB casts texts to every type, and every type to a text.
    case DuckDBTypeId.SQLNULL:
      return 'VARCHAR'
    default:
      return from.toString()
  }
}

/** The input's type without the struct fields that the table does not have. */
function projectType(type: Type, from: DuckDBType): DuckDBType {
  if (typeof type === 'string') return from
  if (type.type === 'list' && from.typeId === DuckDBTypeId.LIST) return LIST(projectType(type.element, from.valueType))
  if (type.type === 'map' && from.typeId === DuckDBTypeId.MAP) {
    return MAP(projectType(type.key, from.keyType), projectType(type.value, from.valueType))
  }
  if (type.type !== 'struct' || from.typeId !== DuckDBTypeId.STRUCT) return from
  const entries = type.fields.flatMap((field): [string, DuckDBType][] => {
    const index = from.entryNames.indexOf(field.name)
    return index < 0 ? [] : [[field.name, projectType(field.type, entryType(from.entryTypes, index))]]
  })
  return new DuckDBStructType(
    entries.map(([name]) => name),
    entries.map(([, entry]) => entry),
  )
}

function structType(fields: readonly (readonly [string, string])[]): string {
  return `STRUCT(${fields.map(([name, type]) => `${quoteIdentifier(name)} ${type}`).join(', ')})`
}

const NUMBER_TYPES = [
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]

/** The DuckDB types whose values an Iceberg type accepts at all. */
function acceptedTypes(type: PrimitiveType): readonly DuckDBTypeId[] {
  const { kind } = parsePrimitive(type)
  switch (kind) {
    case 'boolean':
      return [DuckDBTypeId.BOOLEAN]
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'decimal':
      return NUMBER_TYPES
    case 'date':
      return [DuckDBTypeId.DATE]
    case 'time':
      return [DuckDBTypeId.TIME, DuckDBTypeId.TIME_NS]
    case 'timestamp':
    case 'timestamp_ns':
      return [DuckDBTypeId.TIMESTAMP, DuckDBTypeId.TIMESTAMP_S, DuckDBTypeId.TIMESTAMP_MS, DuckDBTypeId.TIMESTAMP_NS]
    case 'timestamptz':
    case 'timestamptz_ns':
      return [DuckDBTypeId.TIMESTAMP_TZ]
    case 'string':
      return [DuckDBTypeId.VARCHAR, DuckDBTypeId.ENUM]
    case 'uuid':
      return [DuckDBTypeId.UUID]
    case 'binary':
      return [DuckDBTypeId.BLOB]
    case 'fixed':
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      return []
  }
}

/** @throws {AppError} invalid-request when no value of the input's type could be one of the column's */
function requireCompatibleType(
  type: Type,
  from: DuckDBType,
  at: string,
  options: { ignoreExtra: boolean; source: string },
): void {
  const { ignoreExtra, source } = options
  if (from.typeId === DuckDBTypeId.SQLNULL) return
  if (typeof type === 'string') {
    if (!acceptedTypes(type).includes(from.typeId)) throw typeMismatchError(type, from, { at, source })
  } else if (type.type === 'list' && from.typeId === DuckDBTypeId.LIST) {
    requireCompatibleType(type.element, from.valueType, `${at}.element`, options)
  } else if (type.type === 'map' && from.typeId === DuckDBTypeId.MAP) {
    requireCompatibleType(type.key, from.keyType, `${at}.key`, options)
    requireCompatibleType(type.value, from.valueType, `${at}.value`, options)
  } else if (type.type === 'struct' && from.typeId === DuckDBTypeId.STRUCT) {
    const extra = from.entryNames.find((name) => !type.fields.some((field) => field.name === name))
    if (extra !== undefined && !ignoreExtra)
      throw columnError(at, `has the field ${extra}, which the table does not have`)
    for (const field of type.fields) {
      const index = from.entryNames.indexOf(field.name)
      if (index >= 0)
        requireCompatibleType(field.type, entryType(from.entryTypes, index), `${at}.${field.name}`, options)
      else if (hasWriteDefault(field))
        throw columnError(at, `lacks the field ${field.name}, and defaults inside columns are not filled in`)
      else if (field.required) throw columnError(at, `lacks the field ${field.name}, which the table requires`)
    }
    if (!type.fields.some((field) => from.entryNames.includes(field.name)))
      throw typeMismatchError(type, from, { at, source })
  } else throw typeMismatchError(type, from, { at, source })
}

function typeMismatchError(type: Type, from: DuckDBType, { at, source }: { at: string; source: string }): AppError {
  return columnError(at, `is ${typeLabel(type)} in the table, but ${from.toString()} in the ${source}`)
}

function columnError(at: string, what: string): AppError {
  return new AppError('invalid-request', `Column ${at} ${what}.`, { facts: { column: at } })
}

/** SQL that is true if a value that the schema requires is null somewhere inside; null if no value is required. */
function missingValueSql(type: Type, value: string): string | null {
  if (typeof type === 'string') return null
  switch (type.type) {
    case 'struct': {
      const parts = type.fields.flatMap((field) => {
        const inner = `${value}.${quoteIdentifier(field.name)}`
        return [
          ...(field.required ? [`${inner} IS NULL`] : []),
          ...[missingValueSql(field.type, inner)].filter((part) => part !== null),
        ]
      })
      return parts.length === 0 ? null : `(${value} IS NOT NULL AND (${parts.join(' OR ')}))`
    }
    case 'list':
      return missingItemSql(type.element, type.elementRequired, value)
    case 'map':
      return missingItemSql(type.value, type.valueRequired, `map_values(${value})`)
  }
}

function missingItemSql(type: Type, isRequired: boolean, list: string): string | null {
  const item = `item_${list.length}`
  const inner = missingValueSql(type, item)
  const parts = [...(isRequired ? [`${item} IS NULL`] : []), ...(inner === null ? [] : [inner])]
  return parts.length === 0 ? null : `len(list_filter(${list}, lambda ${item}: ${parts.join(' OR ')})) > 0`
}

function entryType(types: readonly DuckDBType[], index: number): DuckDBType {
  const type = types[index]
  if (!type) throw new RangeError(`a struct has no entry ${index}`)
  return type
}
