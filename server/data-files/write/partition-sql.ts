import 'server-only'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { indexFields } from '@/lib/iceberg/schema/schema'
import {
  applyTransform,
  parseTransform,
  transformLabel,
  transformResultType,
} from '@/lib/iceberg/partitioning/transform'
import type { PrimitiveType, Schema } from '@/lib/iceberg/schema/types'
import { duckdbType, quoteIdentifier } from '../duckdb/column-type'
import { epochMicrosSql } from '../duckdb/value-text'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

export type BucketFunction = { name: string; sourceType: PrimitiveType; buckets: number }

/** A value whose transform exceeds the type of the partition values, so that its row has no partition. */
export type PartitionMisfit = {
  /** The top-level column of the value, by its index in the schema. */
  columnIndex: number
  /** Why the row has no partition, with the column as its subject. */
  reason: string
  /** True for such values; an expression over the columns of the rows. Never null. */
  isMisfit: string
}

/** A transform of a column of the rows. */
export type PartitionColumn = {
  /** The type of the values. */
  type: PrimitiveType
  /** An expression over the columns of the rows. It is null for a misfit. */
  sql: string
  /** The same, but not null for a misfit, so that rows can be sorted by it. */
  sortKey: string
  /** If the type cannot hold the result for every value of the source; null if it can. */
  misfit: PartitionMisfit | null
  /** If the SQL calls a function that this process has to register: its name and its parameter type. */
  bucket: BucketFunction | null
}

/**
 * Partition values in SQL, equal to `lib/iceberg/partitioning/transform` for every value that a staged column can hold.
 *
 * @param toColumn the staged column of a top-level field, by its index in the schema
 * @throws {AppError} not-supported for a transform that this program does not know
 */
export function partitionColumns(
  spec: PartitionSpec,
  schema: Schema,
  toColumn: (columnIndex: number) => string,
): PartitionColumn[] {
  const findSource = createFindSource(schema, toColumn)
  return spec.fields.map(({ name, sourceId, transform }, i) => {
    const source = findSource(sourceId)
    if (source === null)
      throw new AppError('not-supported', `Partition field ${name} has a source column that cannot be partitioned.`)
    return transformColumn(transform, source, `bucket_${i}`)
  })
}

/** A primitive column that is not within a list or a map. */
export type SourceColumn = {
  type: PrimitiveType
  /** An expression over the columns of the rows. */
  sql: string
  /** The top-level column that it is part of, by its index in the schema. */
  columnIndex: number
  /** Its name, with those of the structs around it: `place.lat`. */
  name: string
}

/** @param toColumn as in {@link partitionColumns} */
export function createFindSource(
  schema: Schema,
  toColumn: (columnIndex: number) => string,
): (sourceId: number) => SourceColumn | null {
  const index = indexFields(schema)
  return (sourceId) => {
    const source = index.get(sourceId)
    const type = source?.field.type
    if (!source || typeof type !== 'string' || source.isRepeated) return null
    const columnIndex = schema.fields.findIndex((top) => top.name === source.path[0])
    const sql = [toColumn(columnIndex), ...source.path.slice(1).map(quoteIdentifier)].join('.')
    return { type, sql, columnIndex, name: source.path.join('.') }
  }
}

/**
 * A transform of a column.
 *
 * @param functionName for the function that a bucket needs
 * @throws {AppError} not-supported for a transform that this program does not know
 */
export function transformColumn(name: string, source: SourceColumn, functionName: string): PartitionColumn {
  const { type: sourceType, sql: x } = source
  const transform = parseTransform(name)
  const type = transformResultType(transform, sourceType)
  const column = (sql: string): PartitionColumn => ({ type, sql, sortKey: sql, misfit: null, bucket: null })
  /** @param result of a wider type than that of the transform */
  const checkedColumn = (result: string): PartitionColumn => {
    const sql = `TRY_CAST(${result} AS ${duckdbType(type)})`
    const reason = `has no partition: ${transformLabel(transform, source.name)} is beyond the range of ${type}`
    const isMisfit = `(${x} IS NOT NULL AND ${sql} IS NULL)`
    return { ...column(sql), sortKey: result, misfit: { columnIndex: source.columnIndex, reason, isMisfit } }
  }
  switch (transform.kind) {
    case 'identity':
      return column(x)
    case 'void':
      return column(`NULL::${duckdbType(type)}`)
    case 'bucket':
      return {
        ...column(`${functionName}(${x})`),
        bucket: { name: functionName, sourceType, buckets: transform.buckets },
      }
    case 'truncate': {
      const primitive = parsePrimitive(sourceType)
      // Java wraps around below the lowest multiple, and then finds no such row by a filter on the column.
      if (primitive.kind === 'int' || primitive.kind === 'long')
        return {
          ...checkedColumn(floorToWidth(`${x}::HUGEINT`, transform.width)),
          sortKey: wrappedMultiple(type, x, transform.width),
        }
      if (primitive.kind !== 'decimal') return column(truncate(sourceType, x, transform.width))
      const unscaled = floorToWidth(`replace(${x}::VARCHAR, '.', '')::HUGEINT`, transform.width)
      return { ...checkedColumn(insertDecimalPoint(unscaled, primitive.scale)), sortKey: unscaled }
    }
    case 'year':
    case 'month':
    case 'day':
      return column(calendarSql(transform.kind, sourceType, x))
    case 'hour':
      return isNanos(sourceType)
        ? column(`${floorDivide(`epoch_ns(${x})`, NANOS_PER_HOUR)}::INTEGER`)
        : checkedColumn(floorDivide(epochMicrosSql(x), MICROS_PER_HOUR))
    case 'unknown':
      throw new AppError('not-supported', `Lakeshore cannot write the partition transform ${name}.`)
  }
}

const MICROS_PER_HOUR = 3_600_000_000n
const NANOS_PER_HOUR = 1000n * MICROS_PER_HOUR

function isNanos(type: PrimitiveType): boolean {
  return type === 'timestamp_ns' || type === 'timestamptz_ns'
}

function calendarSql(kind: 'year' | 'month' | 'day', type: PrimitiveType, x: string): string {
  if (type !== 'date') return calendarPartSql(kind, toDateSql(type, x))
  if (kind === 'day') return x
  // DuckDB takes the greatest date and its negative for infinity, which has no year and no month.
  const partOf = (days: number) => Number(applyTransform({ kind }, type, days))
  return `CASE ${x} WHEN 'infinity' THEN ${partOf(LAST_DAY)} WHEN '-infinity' THEN ${partOf(-LAST_DAY)} ELSE ${calendarPartSql(kind, x)} END`
}

const LAST_DAY = 2 ** 31 - 1

/** @param x a date */
function calendarPartSql(kind: 'year' | 'month' | 'day', x: string): string {
  switch (kind) {
    case 'year':
      return `(year(${x}) - 1970)::INTEGER`
    case 'month':
      return `((year(${x}) - 1970) * 12 + month(${x}) - 1)::INTEGER`
    case 'day':
      return x
  }
}

/**
 * The day of a timestamp in UTC. When DuckDB reads it from nanoseconds, it takes the last microsecond before midnight for
 * the next day, and at the ends of the range it fails or takes a time for infinity.
 */
function toDateSql(type: PrimitiveType, x: string): string {
  const days = isNanos(type)
    ? floorDivide(`epoch_ns(${x})`, 24n * NANOS_PER_HOUR)
    : floorDivide(epochMicrosSql(x), 24n * MICROS_PER_HOUR)
  return `(DATE '1970-01-01' + ${days}::INTEGER)`
}

/** Division that rounds down below zero too, as the transforms require. */
function floorDivide(x: string, by: bigint): string {
  return `((${x}) // ${by} - CASE WHEN (${x}) % ${by} < 0 THEN 1 ELSE 0 END)`
}

function truncate(type: PrimitiveType, x: string, width: number): string {
  const { kind } = parsePrimitive(type)
  switch (kind) {
    case 'string':
      return `left(${x}, ${width})`
    case 'binary':
      return `array_slice(${x}, 1, ${width})`
    default:
      throw new AppError('not-supported', `A column of type ${type} cannot be truncated.`)
  }
}

/** As the transform of the specification has it, which wraps around below the lowest multiple of the type. */
function wrappedMultiple(type: PrimitiveType, x: string, width: number): string {
  const bits = type === 'int' ? 32n : 64n
  const low = floorToWidth(`${x}::HUGEINT`, width)
  return `(${low} + CASE WHEN ${low} < -${1n << (bits - 1n)}::HUGEINT THEN ${1n << bits}::HUGEINT ELSE 0 END)`
}

/** The greatest multiple of the width that is not above the number. */
function floorToWidth(x: string, width: number): string {
  return `(${x} - ((${x} % ${width}) + ${width}) % ${width})`
}

/** Formats unscaled digits as decimal text: arithmetic on decimals of 38 digits would overflow. */
function insertDecimalPoint(unscaled: string, scale: number): string {
  if (scale === 0) return `${unscaled}::VARCHAR`
  const digits = `lpad(abs(${unscaled})::VARCHAR, greatest(length(abs(${unscaled})::VARCHAR), ${scale + 1})::INTEGER, '0')`
  return `(CASE WHEN ${unscaled} < 0 THEN '-' ELSE '' END || left(${digits}, length(${digits}) - ${scale}) || '.' || right(${digits}, ${scale}))`
}
