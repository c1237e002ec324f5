import { encodeSingleValue, isOfType } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Type, Value } from '@/lib/iceberg/schema/types'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { createValueGetter, type RowValue } from '../read/row-values'
import { toTableType } from '../read/to-table-type'
import type { Vector } from '../read/vector'
import { type Comparable, toComparable } from '../predicate/comparable'
import { isTruncatable, toCountedRange } from '@/lib/scan/predicate/file-metrics'
import { UNKNOWN_RANGE, type ValueRange } from '@/lib/scan/predicate/value-range'

/** Statistics of a column in some rows of a Parquet file, of a row group or a page. */
export type StoredStatistics = {
  rowCount: number
  nullCount: number | null
  /** In the plain encoding of the column's physical type. */
  min: Uint8Array | null
  max: Uint8Array | null
  /** Whether the bounds are in the order that the column's type defines, or only in that of a signed physical type. */
  order: 'type' | 'signed'
}

/**
 * The range of a column of the table by the statistics of a Parquet file. Bounds are converted as values are, so that
 * units and promotions are right; bounds that cannot be converted, or are no values of the type, are ignored.
 *
 * Spec: parquet-format, `parquet.thrift`, *Statistics* and *ColumnOrder*.
 */
export function toStoredRange(node: SchemaNode, type: Type, statistics: StoredStatistics): ValueRange {
  const { rowCount, nullCount, min, max, order } = statistics
  // A column inside a list or map has other numbers of values than rows.
  if (typeof type !== 'string' || !node.leaf || node.maxRepetition > 0) return UNKNOWN_RANGE
  const isFloating = type === 'float' || type === 'double'
  const counted = toCountedRange({ rowCount, nullCount, nanCount: isFloating ? null : 0 })
  if (min === null || max === null || (order === 'signed' && !isSigned(node))) return counted
  const [lower, upper] = [toBound(node, type, min), toBound(node, type, max)]
  // NaN in one of them leaves it open how the other was found.
  if (lower === null || upper === null) return counted
  return { ...counted, lower, upper, isTruncatable: isTruncatable(type) }
}

/** Whether every order that writers ever used for the column is that of its values. */
function isSigned({ leaf, annotation }: SchemaNode): boolean {
  const isNumber = ['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE'].includes(leaf?.physicalType ?? '')
  return isNumber && !(annotation?.kind === 'integer' && !annotation.isSigned)
}

function toBound(node: SchemaNode, type: PrimitiveType, bytes: Uint8Array): Comparable | null {
  const stored = toStoredVector(node, type, bytes)
  if (stored === null) return null
  try {
    const value = createValueGetter(toTableType(type, node, () => undefined)(stored), type, () => undefined)(0)
    return isComparable(value) && isOfType(type, value) && !Number.isNaN(value) ? toComparable(type, value) : null
  } catch {
    // The file has a type or a unit that the table's type cannot represent.
    return null
  }
}

function isComparable(value: RowValue | null): value is Value {
  return value !== null && (typeof value !== 'object' || value instanceof Uint8Array)
}

/** One value in the plain encoding as a column of it; null if it has the wrong length, or no order. */
function toStoredVector({ leaf, annotation }: SchemaNode, type: PrimitiveType, bytes: Uint8Array): Vector | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const base = { length: 1, validity: null }
  const widths = { BOOLEAN: 1, INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8 } as const
  const physicalType = leaf?.physicalType
  if (physicalType === undefined || physicalType === 'INT96') return null
  switch (physicalType) {
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY': {
      const isNumber = annotation?.kind === 'decimal' || type === 'uuid'
      // Only values that are ordered by their bytes may be truncated.
      if (isNumber && (physicalType === 'BYTE_ARRAY' || bytes.length !== leaf?.lengthBytes)) return null
      return { ...base, kind: 'bytes', offsets: Int32Array.of(0, bytes.length), bytes }
    }
    default:
      if (bytes.length !== widths[physicalType]) return null
  }
  switch (physicalType) {
    case 'BOOLEAN':
      return { ...base, kind: 'boolean', data: Uint8Array.of(view.getUint8(0)) }
    case 'INT32':
      return { ...base, kind: 'int32', data: Int32Array.of(view.getInt32(0, true)) }
    case 'INT64':
      return { ...base, kind: 'int64', data: BigInt64Array.of(view.getBigInt64(0, true)) }
    case 'FLOAT':
      return { ...base, kind: 'float32', data: Float32Array.of(view.getFloat32(0, true)) }
    case 'DOUBLE':
      return { ...base, kind: 'float64', data: Float64Array.of(view.getFloat64(0, true)) }
  }
}

/**
 * The plain encodings that a value of the table may have in a file's column, without a length: none if the column
 * cannot hold it, two for zeros of floats.
 *
 * @returns null if that is not known
 */
export function toPlainValues(node: SchemaNode, type: PrimitiveType, value: Value): Uint8Array[] | null {
  const { leaf, annotation } = node
  if (annotation?.kind === 'integer' && !annotation.isSigned) return null
  switch (leaf?.physicalType) {
    case 'INT32':
    case 'INT64': {
      const units = toStoredUnits(node, type, value)
      if (units === null) return null
      const isLong = leaf.physicalType === 'INT64'
      if (units === 'none' || BigInt.asIntN(isLong ? 64 : 32, units) !== units) return []
      return [isLong ? encodeSingleValue('long', units) : encodeSingleValue('int', Number(units))]
    }
    case 'FLOAT':
    case 'DOUBLE': {
      if (typeof value !== 'number') return null
      const stored = leaf.physicalType === 'FLOAT' ? 'float' : 'double'
      if (stored === 'float' && Math.fround(value) !== value) return []
      return value === 0 ? [0, -0].map((zero) => encodeSingleValue(stored, zero)) : [encodeSingleValue(stored, value)]
    }
    case 'BYTE_ARRAY':
      return (type === 'string' || type === 'binary') && typeof value !== 'bigint'
        ? [encodeSingleValue(type, value)]
        : null
    case 'FIXED_LEN_BYTE_ARRAY':
      if (typeof value === 'bigint')
        return annotation?.kind === 'decimal' ? [toFixedDecimal(value, leaf.lengthBytes)] : null
      return type === 'uuid' || type.startsWith('fixed') ? [encodeSingleValue(type, value)] : null
    default:
      return null
  }
}

const UNITS_PER_SECOND = { millis: 1_000n, micros: 1_000_000n, nanos: 1_000_000_000n } as const

/** A number as the column stores it; `none` if its unit is too coarse. */
function toStoredUnits({ annotation }: SchemaNode, type: PrimitiveType, value: Value): bigint | 'none' | null {
  if (typeof value !== 'number' && typeof value !== 'bigint') return null
  if (type === 'int' || type === 'long' || type === 'date') return BigInt(value)
  if (type.startsWith('decimal')) return annotation?.kind === 'decimal' ? BigInt(value) : null
  if (annotation?.kind !== 'time' && annotation?.kind !== 'timestamp') return null
  const perSecond = type.endsWith('_ns') ? UNITS_PER_SECOND.nanos : UNITS_PER_SECOND.micros
  const scaled = BigInt(value) * UNITS_PER_SECOND[annotation.unit]
  return scaled % perSecond === 0n ? scaled / perSecond : 'none'
}

/** Two's complement, big-endian, of a fixed length. */
function toFixedDecimal(value: bigint, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes)
  for (let i = lengthBytes - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn)
  return bytes
}
