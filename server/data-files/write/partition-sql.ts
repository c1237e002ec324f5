import 'server-only'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { applyTransform, parseTransform, transformResultType } from '@/lib/iceberg/partitioning/transform'
import type { PrimitiveType, Schema } from '@/lib/iceberg/schema/types'
import { duckdbType, quoteIdentifier } from '../duckdb/column-type'
import { epochMicrosSql } from '../duckdb/value-text'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

export type BucketFunction = { name: string; sourceType: PrimitiveType; buckets: number }

/** A transform of a column of the rows. */
export type PartitionColumn = {
  /** The type of the values. */
  type: PrimitiveType
  /** An expression over the columns of the rows. */
  sql: string
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

/** A primitive column that is not within a list or a map: an expression over the columns of the rows. */
export type SourceColumn = { type: PrimitiveType; sql: string }

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
    return { type, sql: [toColumn(columnIndex), ...source.path.slice(1).map(quoteIdentifier)].join('.') }
  }
}

/**
 * A transform of a column.
 *
 * @param functionName for the function that a bucket needs
 * @throws {AppError} not-supported for a transform that this program does not know
 */
export function transformColumn(
  name: string,
  { type: sourceType, sql: x }: SourceColumn,
  functionName: string,
): PartitionColumn {
  const transform = parseTransform(name)
  const type = transformResultType(transform, sourceType)
  const column = (sql: string): PartitionColumn => ({ type, sql, bucket: null })
  switch (transform.kind) {
    case 'identity':
      return column(x)
    case 'void':
      return column(`NULL::${duckdbType(type)}`)
    case 'bucket':
      return {
        type,
        sql: `${functionName}(${x})`,
        bucket: { name: functionName, sourceType, buckets: transform.buckets },
      }
    case 'truncate':
      return column(truncate(sourceType, x, transform.width))
    case 'year':
    case 'month':
    case 'day':
      return column(calendarSql(transform.kind, sourceType, x))
    case 'hour':
      return column(
        `(${isNanos(sourceType) ? floorDivide(`epoch_ns(${x})`, NANOS_PER_HOUR) : floorDivide(epochMicrosSql(x), MICROS_PER_HOUR)})::INTEGER`,
      )
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
  const primitive = parsePrimitive(type)
  const floor = (value: string) => `(${value} - ((${value} % ${width}) + ${width}) % ${width})`
  switch (primitive.kind) {
    case 'int':
    case 'long': {
      // With 128 bits; below the type's lowest multiple the transform wraps around.
      const bits = primitive.kind === 'int' ? 32n : 64n
      const low = floor(`${x}::HUGEINT`)
      return `(${low} + CASE WHEN ${low} < -${1n << (bits - 1n)}::HUGEINT THEN ${1n << bits}::HUGEINT ELSE 0 END)::${duckdbType(type)}`
    }
    case 'decimal':
      return `${insertDecimalPoint(floor(`replace(${x}::VARCHAR, '.', '')::HUGEINT`), primitive.scale)}::${duckdbType(type)}`
    case 'string':
      return `left(${x}, ${width})`
    case 'binary':
      return `array_slice(${x}, 1, ${width})`
    default:
      throw new AppError('not-supported', `A column of type ${type} cannot be truncated.`)
  }
}

/** Formats unscaled digits as decimal text: arithmetic on decimals of 38 digits would overflow. */
function insertDecimalPoint(unscaled: string, scale: number): string {
  if (scale === 0) return `${unscaled}::VARCHAR`
  const digits = `lpad(abs(${unscaled})::VARCHAR, greatest(length(abs(${unscaled})::VARCHAR), ${scale + 1})::INTEGER, '0')`
  return `(CASE WHEN ${unscaled} < 0 THEN '-' ELSE '' END || left(${digits}, length(${digits}) - ${scale}) || '.' || right(${digits}, ${scale}))`
}
