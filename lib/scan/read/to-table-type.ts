import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { DamagedParquet, UnsupportedParquet } from '@/lib/parquet/errors'
import { DECODE_LIMITS } from '@/lib/parquet/decode-limits'
import type { SchemaNode, TimeUnit } from '@/lib/parquet/schema-node'
import { halfFloat } from '@/lib/parquet/half-float'
import type { ReserveMemory } from '@/lib/parquet/values'
import { isValid, type Vector } from './vector'
import { wellKnownText } from './well-known-text'

/** Converts the stored values of one column. */
export type ToTableType = (stored: Vector) => Vector

/**
 * How stored values of a file's column become values of the table's type, exactly: values that the type cannot
 * represent are refused, never rounded.
 *
 * Spec: Iceberg table spec, appendix A, *Parquet*, and *Schema Evolution* for the promotions.
 *
 * @throws {UnsupportedParquet} for types that are not read, and if the column cannot have been written for the type: its
 *   file is as it was written; the result throws it too, and {DamagedParquet}
 */
export function toTableType(type: PrimitiveType, node: SchemaNode, reserveMemory: ReserveMemory): ToTableType {
  const primitive = parsePrimitive(type)
  const physicalType = node.leaf?.physicalType
  const require = (allowed: readonly string[]) => {
    if (physicalType === undefined || !allowed.includes(physicalType)) throw typeMismatchError(node, type)
  }
  switch (primitive.kind) {
    case 'boolean':
      require(['BOOLEAN'])
      return unchanged
    case 'int':
      require(['INT32'])
      return isUnsigned(node) ? (stored) => refuseNegative(stored, node, type) : unchanged
    case 'date':
      require(['INT32'])
      return unchanged
    case 'long':
      require(['INT64', 'INT32'])
      if (isUnsigned(node)) {
        return physicalType === 'INT64'
          ? (stored) => refuseNegative(stored, node, type)
          : (stored) => toInt64(stored, reserveMemory, (value) => BigInt(Number(value) >>> 0))
      }
      return physicalType === 'INT64' ? unchanged : (stored) => toInt64(stored, reserveMemory, BigInt)
    case 'float':
      if (isHalfFloat(node)) return (stored) => halvesToFloat32(stored, reserveMemory)
      require(['FLOAT'])
      return unchanged
    case 'double':
      if (isHalfFloat(node)) return (stored) => toFloat64(halvesToFloat32(stored, reserveMemory), reserveMemory)
      require(['DOUBLE', 'FLOAT'])
      return physicalType === 'DOUBLE' ? unchanged : (stored) => toFloat64(stored, reserveMemory)
    case 'decimal': {
      require(['INT32', 'INT64', 'FIXED_LEN_BYTE_ARRAY', 'BYTE_ARRAY'])
      // Only the precision of a decimal may increase.
      const storedScale = node.annotation?.kind === 'decimal' ? node.annotation.scale : 0
      if (storedScale !== primitive.scale) throw typeMismatchError(node, type)
      return (stored) => toInt128(stored, reserveMemory, isUnsigned(node))
    }
    case 'time':
      require(['INT64', 'INT32'])
      return rescaler(node, node.annotation?.kind === 'time' ? node.annotation.unit : 'micros', 'micros', reserveMemory)
    case 'timestamp':
    case 'timestamptz':
      return timestampConverter(node, type, 'micros', reserveMemory)
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return timestampConverter(node, type, 'nanos', reserveMemory)
    case 'string':
      require(['BYTE_ARRAY'])
      return unchanged
    case 'binary':
      require(['BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'])
      return unchanged
    case 'uuid':
      require(['FIXED_LEN_BYTE_ARRAY'])
      if (node.leaf?.lengthBytes !== 16) throw typeMismatchError(node, type)
      return unchanged
    case 'fixed':
      require(['FIXED_LEN_BYTE_ARRAY'])
      if (node.leaf?.lengthBytes !== primitive.lengthBytes) throw typeMismatchError(node, type)
      return unchanged
    case 'geometry':
    case 'geography':
      require(['BYTE_ARRAY'])
      return (stored) => toGeometryText(stored, reserveMemory)
    case 'unknown':
      return (stored) => requireNulls(stored, node)
    case 'variant':
    case 'unrecognized':
      throw new UnsupportedParquet(`column ${node.path.join('.')} has the type ${type}, which Lakeshore cannot read`)
  }
}

const unchanged: ToTableType = (stored) => stored

/** A column whose values are all null has no bytes of any type. */
function requireNulls(stored: Vector, node: SchemaNode): Vector {
  for (let i = 0; i < stored.length; i++) {
    if (stored.kind === 'constant' ? stored.value !== null : isValid(stored.validity, i)) {
      throw new DamagedParquet(`column ${node.path.join('.')} says that it only has nulls, but has values`)
    }
  }
  return { kind: 'constant', length: stored.length, value: null }
}

/** An unsigned value beyond the range of a signed one looks negative. */
function refuseNegative(stored: Vector, node: SchemaNode, type: PrimitiveType): Vector {
  if (stored.kind === 'int32' || stored.kind === 'int64') {
    for (let i = 0; i < stored.length; i++) {
      if ((stored.data[i] ?? 0) < 0 && isValid(stored.validity, i)) {
        throw new UnsupportedParquet(`column ${node.path.join('.')} holds a number that is too large for ${type}`)
      }
    }
  }
  return stored
}

function toInt64(stored: Vector, reserveMemory: ReserveMemory, convert: (value: number | bigint) => bigint): Vector {
  if (stored.kind !== 'int32' && stored.kind !== 'int64') throw unexpectedVectorError(stored)
  const { length, validity } = stored
  reserveMemory(8 * length)
  const data = new BigInt64Array(length)
  for (let i = 0; i < length; i++) {
    const value = convert(stored.data[i] ?? 0)
    if (value !== BigInt.asIntN(64, value) && isValid(validity, i)) {
      throw new UnsupportedParquet('a time is outside the range of 64 bits')
    }
    data[i] = value
  }
  return { kind: 'int64', length, validity, data }
}

/** Only files without a table have it: Iceberg has no such type. */
function isHalfFloat({ annotation, leaf }: SchemaNode): boolean {
  return annotation?.kind === 'float16' && leaf?.physicalType === 'FIXED_LEN_BYTE_ARRAY' && leaf.lengthBytes === 2
}

function halvesToFloat32(stored: Vector, reserveMemory: ReserveMemory): Vector {
  if (stored.kind === 'constant') return stored
  const { length, validity } = stored
  reserveMemory(4 * length)
  const data = new Float32Array(length)
  for (let i = 0; i < length; i++) {
    if (!isValid(validity, i)) continue
    const bytes = bytesAt(stored, i)
    data[i] = halfFloat(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  }
  return { kind: 'float32', length, validity, data }
}

function toFloat64(stored: Vector, reserveMemory: ReserveMemory): Vector {
  if (stored.kind === 'constant') return stored
  if (stored.kind !== 'float32') throw unexpectedVectorError(stored)
  const { length, validity } = stored
  reserveMemory(8 * length)
  return { kind: 'float64', length, validity, data: new Float64Array(stored.data) }
}

function toInt128(stored: Vector, reserveMemory: ReserveMemory, isUnsignedNumber: boolean): Vector {
  if (stored.kind === 'constant') return stored
  const { length, validity } = stored
  reserveMemory(16 * length)
  const data = new BigInt64Array(2 * length)
  const store = (index: number, value: bigint) => {
    data[2 * index] = value
    data[2 * index + 1] = value >> 64n
  }
  switch (stored.kind) {
    case 'int32':
      stored.data.forEach((value, i) => store(i, BigInt(isUnsignedNumber ? value >>> 0 : value)))
      break
    case 'int64':
      stored.data.forEach((value, i) => store(i, isUnsignedNumber ? BigInt.asUintN(64, value) : value))
      break
    default:
      for (let i = 0; i < length; i++) if (isValid(validity, i)) store(i, parseBigEndian(bytesAt(stored, i)))
  }
  return { kind: 'int128', length, validity, data }
}

/** Well-known binary as UTF-8 of well-known text. */
function toGeometryText(stored: Vector, reserveMemory: ReserveMemory): Vector {
  if (stored.kind === 'constant') return stored
  const { length, validity } = stored
  reserveMemory(4 * (length + 1))
  const offsets = new Int32Array(length + 1)
  const encoder = new TextEncoder()
  const texts: Uint8Array[] = []
  let totalBytes = 0
  for (let i = 0; i < length; i++) {
    if (isValid(validity, i)) {
      const text = encoder.encode(wellKnownText(bytesAt(stored, i), DECODE_LIMITS.valueBytes))
      reserveMemory(text.length)
      texts.push(text)
      totalBytes += text.length
    }
    offsets[i + 1] = totalBytes
  }
  reserveMemory(totalBytes)
  const bytes = new Uint8Array(totalBytes)
  let at = 0
  for (const text of texts) {
    bytes.set(text, at)
    at += text.length
  }
  return { kind: 'bytes', length, validity, offsets, bytes }
}

/** One value of bytes; a view. */
export function bytesAt(vector: Vector, index: number): Uint8Array {
  switch (vector.kind) {
    case 'fixed':
      return vector.bytes.subarray(index * vector.widthBytes, (index + 1) * vector.widthBytes)
    case 'bytes':
      return vector.bytes.subarray(vector.offsets[index] ?? 0, vector.offsets[index + 1] ?? 0)
    case 'dictionary':
      return bytesAt(vector.dictionary, vector.indexes[index] ?? 0)
    default:
      throw unexpectedVectorError(vector)
  }
}

function parseBigEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 0 || bytes.length > 32) throw new DamagedParquet(`a decimal has ${bytes.length} bytes`)
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  const signed = BigInt.asIntN(bytes.length * 8, value)
  if (signed !== BigInt.asIntN(128, signed)) throw new DamagedParquet('a decimal has more than 38 digits')
  return signed
}

const PER_MILLI = { millis: 1n, micros: 1_000n, nanos: 1_000_000n } as const satisfies Record<TimeUnit, bigint>

function rescaler(node: SchemaNode, from: TimeUnit, to: TimeUnit, reserveMemory: ReserveMemory): ToTableType {
  if (from === to && node.leaf?.physicalType === 'INT64') return unchanged
  return (stored) => toInt64(stored, reserveMemory, (value) => rescale(BigInt(value), from, to, node))
}

/** Converts to another unit. A value that the coarser unit cannot represent is refused, never truncated. */
function rescale(value: bigint, from: TimeUnit, to: TimeUnit, node: SchemaNode): bigint {
  const scaled = value * PER_MILLI[to]
  if (scaled % PER_MILLI[from] !== 0n) {
    throw new UnsupportedParquet(
      `column ${node.path.join('.')} holds ${from} that cannot be converted exactly to ${to}`,
    )
  }
  return scaled / PER_MILLI[from]
}

const MICROS_PER_DAY = 86_400_000_000n

function timestampConverter(
  node: SchemaNode,
  type: PrimitiveType,
  to: TimeUnit,
  reserveMemory: ReserveMemory,
): ToTableType {
  const { leaf, annotation } = node
  if (leaf?.physicalType === 'INT96') return (stored) => fromInt96(stored, to, node, reserveMemory)
  // A date may be promoted to a timestamp (format v3).
  if (leaf?.physicalType === 'INT32' && annotation?.kind === 'date') {
    const perDay = rescale(MICROS_PER_DAY, 'micros', to, node)
    return (stored) => toInt64(stored, reserveMemory, (days) => BigInt(days) * perDay)
  }
  if (leaf?.physicalType !== 'INT64') throw typeMismatchError(node, type)
  return rescaler(node, annotation?.kind === 'timestamp' ? annotation.unit : to, to, reserveMemory)
}

/** Julian day of 1970-01-01, the epoch of INT96 timestamps. */
const EPOCH_JULIAN_DAY = 2_440_588n

/**
 * Nanoseconds of the day, then the Julian day. Uses 64 bits with wrap-around, as Spark writes and reads it: otherwise
 * dates far in the past or future would be wrong.
 */
function fromInt96(stored: Vector, to: TimeUnit, node: SchemaNode, reserveMemory: ReserveMemory): Vector {
  if (stored.kind !== 'fixed') throw unexpectedVectorError(stored)
  const { length, validity, bytes } = stored
  reserveMemory(8 * length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const perDay = rescale(MICROS_PER_DAY, 'micros', to, node)
  const data = new BigInt64Array(length)
  for (let i = 0; i < length; i++) {
    if (!isValid(validity, i)) continue
    const days = BigInt(view.getInt32(12 * i + 8, true)) - EPOCH_JULIAN_DAY
    data[i] = days * perDay + rescale(view.getBigInt64(12 * i, true), 'nanos', to, node)
  }
  return { kind: 'int64', length, validity, data }
}

function isUnsigned({ annotation }: SchemaNode): boolean {
  return annotation?.kind === 'integer' && !annotation.isSigned
}

function unexpectedVectorError({ kind }: Vector): Error {
  return new Error(`a stored column is a ${kind} vector`)
}

function typeMismatchError(node: SchemaNode, type: PrimitiveType): UnsupportedParquet {
  const { leaf, annotation } = node
  const physicalType = leaf?.physicalType ?? 'group'
  const storedType = annotation ? `${physicalType} (${annotation.kind})` : physicalType
  return new UnsupportedParquet(`column ${node.path.join('.')} holds ${storedType}, which cannot be read as ${type}`)
}
