import 'server-only'
import {
  BIGINT,
  BLOB,
  DATE,
  DECIMAL,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBScalarFunction,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBUUIDValue,
  type DuckDBValue,
  INTEGER,
  TIME,
  TIMESTAMP,
  TIMESTAMP_NS,
  TIMESTAMPTZ,
  UUID,
  VARCHAR,
} from '@duckdb/node-api'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { applyTransform } from '@/lib/iceberg/partitioning/transform'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import type { BucketFunction } from './partition-sql'

/**
 * Makes the bucket transform itself callable from SQL on this connection, so that no second hash function has to match
 * it.
 */
export function registerBucketFunction(
  connection: DuckDBConnection,
  { name, sourceType, buckets }: BucketFunction,
): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      parameterTypes: [parameterType(sourceType)],
      returnType: INTEGER,
      mainFunction(_info, chunk, output) {
        const values = chunk.getColumnVector(0)
        for (let row = 0; row < chunk.rowCount; row += 1) {
          const bucket = applyTransform({ kind: 'bucket', buckets }, sourceType, toValue(values.getItem(row)))
          output.setItem(row, typeof bucket === 'number' ? bucket : null)
        }
        output.flush()
      },
    }),
  )
}

function parameterType(type: PrimitiveType): DuckDBType {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'int':
      return INTEGER
    case 'long':
      return BIGINT
    case 'decimal':
      return DECIMAL(primitive.precision, primitive.scale)
    case 'date':
      return DATE
    case 'time':
      return TIME
    case 'timestamp':
      return TIMESTAMP
    case 'timestamptz':
      return TIMESTAMPTZ
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return TIMESTAMP_NS
    case 'string':
      return VARCHAR
    case 'uuid':
      return UUID
    case 'binary':
      return BLOB
    default:
      throw new AppError('not-supported', `A column of type ${type} cannot be bucketed.`, { facts: { type } })
  }
}

function toValue(value: DuckDBValue): Value | null {
  if (value === null || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string')
    return value
  if (value instanceof DuckDBDateValue) return value.days
  if (
    value instanceof DuckDBTimestampValue ||
    value instanceof DuckDBTimestampTZValue ||
    value instanceof DuckDBTimeValue
  ) {
    return value.micros
  }
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos
  if (value instanceof DuckDBDecimalValue) return value.value
  if (value instanceof DuckDBUUIDValue) return value.toString()
  if (value instanceof DuckDBBlobValue) return value.bytes
  throw new TypeError('a value of a type that has no buckets')
}
