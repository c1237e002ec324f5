import 'server-only'
import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBBlobValue,
  type DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBDecimalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBListVector,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBStructVector,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api'
import type { RecordBatch } from 'apache-arrow'
import { AppError } from '@/lib/errors'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { toArrowBatch } from '@/lib/scan/read/to-arrow'
import { vectorOf } from '@/lib/scan/read/vector-of'

/** Results of native DuckDB as Arrow, in the types that the browser's DuckDB returns. */

/** The columns of a result, by position: their names need not be unique. */
export type ResultField = { name: string; type: DuckDBType }

/** @param chunk null for a result without rows */
export function chunkToArrow(fields: readonly ResultField[], chunk: DuckDBDataChunk | null): RecordBatch {
  const rowCount = chunk?.rowCount ?? 0
  const named = fields.map(({ name, type }, i) => toField(i, name, type))
  const columns = fields.map(({ type }, i) => {
    const vector = chunk?.getColumnVector(i)
    const values = vector ? Array.from({ length: rowCount }, (_, row) => readValue(vector, row)) : []
    return vectorOf(toIcebergType(type), values)
  })
  return toArrowBatch(named, columns, rowCount)
}

function toField(id: number, name: string, type: DuckDBType): NestedField {
  return { id, name, required: false, type: toIcebergType(type) }
}

const PRIMITIVES: Partial<Record<DuckDBTypeId, Type>> = {
  [DuckDBTypeId.BOOLEAN]: 'boolean',
  [DuckDBTypeId.TINYINT]: 'int',
  [DuckDBTypeId.SMALLINT]: 'int',
  [DuckDBTypeId.INTEGER]: 'int',
  [DuckDBTypeId.UTINYINT]: 'int',
  [DuckDBTypeId.USMALLINT]: 'int',
  [DuckDBTypeId.UINTEGER]: 'long',
  [DuckDBTypeId.BIGINT]: 'long',
  [DuckDBTypeId.UBIGINT]: 'decimal(20, 0)',
  [DuckDBTypeId.HUGEINT]: 'decimal(38, 0)',
  [DuckDBTypeId.FLOAT]: 'float',
  [DuckDBTypeId.DOUBLE]: 'double',
  [DuckDBTypeId.DATE]: 'date',
  [DuckDBTypeId.TIME]: 'time',
  [DuckDBTypeId.TIMESTAMP]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_S]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_MS]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_NS]: 'timestamp_ns',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'timestamptz',
  [DuckDBTypeId.BLOB]: 'binary',
}

/** Types without a counterpart (intervals, unions, UUIDs) become text. */
function toIcebergType(type: DuckDBType): Type {
  if (type instanceof DuckDBDecimalType) return `decimal(${type.width}, ${type.scale})`
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType)
    return { type: 'list', elementId: 0, element: toIcebergType(type.valueType), elementRequired: false }
  if (type instanceof DuckDBMapType) {
    const [key, value] = [toIcebergType(type.keyType), toIcebergType(type.valueType)]
    return { type: 'map', keyId: 0, key, valueId: 1, value, valueRequired: false }
  }
  if (type instanceof DuckDBStructType) {
    const { entryNames, entryTypes } = type
    const fields = entryTypes.map((entryType, i) => toField(i, entryNames[i] ?? '', entryType))
    return { type: 'struct', fields }
  }
  return PRIMITIVES[type.typeId] ?? 'string'
}

const INFINITE_MICROS = 2n ** 63n - 1n
const MICROS_PER_SECOND = 1_000_000n
const MICROS_PER_MS = 1_000n

/** A value of a vector. Fields of structs are read by position, because those of `row(1, 2)` have no names. */
function readValue(vector: DuckDBVector, index: number): RowValue | null {
  if (vector instanceof DuckDBStructVector) {
    if (!vector.isItemValid(index)) return null
    return vector.type.entryTypes.map((_, i) => readValue(vector.entryVectorAt(i), index))
  }
  if (vector instanceof DuckDBListVector) {
    const items = vector.getItemVector(index)
    return items === null ? null : Array.from({ length: items.itemCount }, (_, i) => readValue(items, i))
  }
  return toRowValue(vector.type, vector.getItem(index))
}

function toRowValue(type: DuckDBType, value: DuckDBValue): RowValue | null {
  if (value === null) return null
  if (typeof value === 'number') return type.typeId === DuckDBTypeId.UINTEGER ? BigInt(value) : value
  if (typeof value === 'boolean' || typeof value === 'string' || typeof value === 'bigint') return value
  if (value instanceof DuckDBDecimalValue) return value.value
  if (value instanceof DuckDBDateValue) return value.days
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return value.micros
  if (value instanceof DuckDBTimeValue) return value.micros
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos
  if (value instanceof DuckDBTimestampSecondsValue) return toMicros(value, value.seconds, MICROS_PER_SECOND)
  if (value instanceof DuckDBTimestampMillisecondsValue) return toMicros(value, value.millis, MICROS_PER_MS)
  if (value instanceof DuckDBBlobValue) return value.bytes
  return nestedValue(type, value)
}

function nestedValue(type: DuckDBType, value: Exclude<DuckDBValue, null>): RowValue | null {
  const isList = type instanceof DuckDBListType || type instanceof DuckDBArrayType
  if (isList && (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue))
    return value.items.map((item) => toRowValue(type.valueType, item))
  if (type instanceof DuckDBStructType && value instanceof DuckDBStructValue) {
    const { entryNames, entryTypes } = type
    if (entryNames.length > 1 && entryNames.includes(''))
      throw new AppError('not-supported', 'Rows without field names inside maps and arrays cannot be shown.', {
        facts: { hint: 'Name the fields, as in {a: 1, b: 2}.' },
      })
    return entryTypes.map((entryType, i) => toRowValue(entryType, value.entries[entryNames[i] ?? ''] ?? null))
  }
  if (type instanceof DuckDBMapType && value instanceof DuckDBMapValue)
    return value.entries.map((entry) => [toRowValue(type.keyType, entry.key), toRowValue(type.valueType, entry.value)])
  if (value instanceof DuckDBUnionValue) return value.value === null ? null : String(value.value)
  return String(value)
}

/** An infinite time stays infinite. */
function toMicros({ isFinite }: { isFinite: boolean }, count: bigint, micros: bigint): bigint {
  if (isFinite) return count * micros
  return count > 0n ? INFINITE_MICROS : -INFINITE_MICROS
}
