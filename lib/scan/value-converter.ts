import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { DamagedParquet, UnsupportedParquet } from '@/lib/parquet/errors'
import type { SchemaNode, TimeUnit } from '@/lib/parquet/schema-node'
import type { RawValue } from '@/lib/parquet/values'

/**
 * Converts Parquet's values to Iceberg's, exactly: nothing passes through a rounded number or a date object.
 *
 * Spec: Iceberg table spec, appendix A, *Parquet*, and *Schema Evolution* for the allowed promotions.
 *
 * A string that is not UTF-8 is returned as bytes, so that it is shown as it is, without replacement characters.
 */
export type ValueConverter = (raw: RawValue) => Value

/**
 * Creates the converter from a file's column to the table's type.
 *
 * @throws {DamagedParquet} if the table's type cannot have been written as the file's type
 * @throws {UnsupportedParquet} for unsupported types
 */
export function valueConverter(type: PrimitiveType, node: SchemaNode): ValueConverter {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      return requirePhysicalType(node, type, ['BOOLEAN'], (raw) => raw === true)
    case 'int':
      return requirePhysicalType(node, type, ['INT32'], (raw) =>
        isUnsigned(node) ? toNumber(raw) >>> 0 : toNumber(raw),
      )
    case 'long':
      return requirePhysicalType(node, type, ['INT64', 'INT32'], (raw) => toBigInt(raw, isUnsigned(node)))
    case 'float':
      return requirePhysicalType(node, type, ['FLOAT'], toNumber)
    case 'double':
      return requirePhysicalType(node, type, ['DOUBLE', 'FLOAT'], toNumber)
    case 'decimal':
      return decimalConverter(node, type, primitive.scale)
    case 'date':
      return requirePhysicalType(node, type, ['INT32'], toNumber)
    case 'time':
      return timeConverter(node, type, 'micros')
    case 'timestamp':
    case 'timestamptz':
      return timestampConverter(node, type, 'micros')
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return timestampConverter(node, type, 'nanos')
    case 'string':
      return requirePhysicalType(node, type, ['BYTE_ARRAY'], (raw) => decodeText(toBytes(raw)))
    case 'uuid':
      return requirePhysicalType(node, type, ['FIXED_LEN_BYTE_ARRAY'], (raw) => formatUuid(toBytes(raw)))
    case 'fixed':
      if (node.leaf?.lengthBytes !== primitive.lengthBytes) throw typeMismatchError(node, type)
      return requirePhysicalType(node, type, ['FIXED_LEN_BYTE_ARRAY'], (raw) => toBytes(raw).slice())
    case 'binary':
      return requirePhysicalType(node, type, ['BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'], (raw) => toBytes(raw).slice())
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      throw new UnsupportedParquet(`column ${node.path.join('.')} has the type ${type}, which Lakeshore cannot read`)
  }
}

function requirePhysicalType(
  node: SchemaNode,
  type: PrimitiveType,
  physicalTypes: readonly string[],
  convert: ValueConverter,
): ValueConverter {
  if (!node.leaf || !physicalTypes.includes(node.leaf.physicalType)) throw typeMismatchError(node, type)
  return convert
}

function decimalConverter(node: SchemaNode, type: PrimitiveType, scale: number): ValueConverter {
  const storedScale = node.annotation?.kind === 'decimal' ? node.annotation.scale : 0
  // Only the precision of a decimal may increase.
  if (storedScale !== scale) throw typeMismatchError(node, type)
  return requirePhysicalType(node, type, ['INT32', 'INT64', 'FIXED_LEN_BYTE_ARRAY', 'BYTE_ARRAY'], (raw) =>
    raw instanceof Uint8Array ? parseBigEndian(raw) : toBigInt(raw, false),
  )
}

const PER_MILLI = { millis: 1n, micros: 1_000n, nanos: 1_000_000n } as const satisfies Record<TimeUnit, bigint>

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

function timeConverter(node: SchemaNode, type: PrimitiveType, to: TimeUnit): ValueConverter {
  const from = node.annotation?.kind === 'time' ? node.annotation.unit : to
  return requirePhysicalType(node, type, ['INT64', 'INT32'], (raw) => rescale(toBigInt(raw, false), from, to, node))
}

const MICROS_PER_DAY = 86_400_000_000n
/** Julian day of 1970-01-01, the epoch of INT96 timestamps. */
const EPOCH_JULIAN_DAY = 2_440_588n

function timestampConverter(node: SchemaNode, type: PrimitiveType, to: TimeUnit): ValueConverter {
  if (node.leaf?.physicalType === 'INT96') return (raw) => convertInt96Timestamp(toBytes(raw), to, node)
  // A date may be promoted to a timestamp (format v3).
  if (node.annotation?.kind === 'date') {
    return requirePhysicalType(node, type, ['INT32'], (raw) =>
      rescale(BigInt(toNumber(raw)) * MICROS_PER_DAY, 'micros', to, node),
    )
  }
  const from = node.annotation?.kind === 'timestamp' ? node.annotation.unit : to
  return requirePhysicalType(node, type, ['INT64'], (raw) => rescale(toBigInt(raw, false), from, to, node))
}

/**
 * Nanoseconds of the day, then the Julian day. Uses 64 bits with wrap-around, as Spark writes and reads it: otherwise
 * dates far in the past or future would be wrong.
 */
function convertInt96Timestamp(bytes: Uint8Array, to: TimeUnit, node: SchemaNode): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12)
  const days = BigInt(view.getInt32(8, true)) - EPOCH_JULIAN_DAY
  const timeOfDay = rescale(view.getBigInt64(0, true), 'nanos', to, node)
  return BigInt.asIntN(64, days * rescale(MICROS_PER_DAY, 'micros', to, node) + timeOfDay)
}

function isUnsigned({ annotation }: SchemaNode): boolean {
  return annotation?.kind === 'integer' && !annotation.isSigned
}

function toNumber(raw: RawValue): number {
  if (typeof raw !== 'number') throw new DamagedParquet('a value is not a number')
  return raw
}

function toBigInt(raw: RawValue, isUnsigned: boolean): bigint {
  if (typeof raw === 'bigint') return isUnsigned ? BigInt.asUintN(64, raw) : raw
  return BigInt(isUnsigned ? toNumber(raw) >>> 0 : toNumber(raw))
}

function toBytes(raw: RawValue): Uint8Array {
  if (!(raw instanceof Uint8Array)) throw new DamagedParquet('a value is not made of bytes')
  return raw
}

function parseBigEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 0 || bytes.length > 32) throw new DamagedParquet(`a decimal has ${bytes.length} bytes`)
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

// A byte order mark is part of the value.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeText(bytes: Uint8Array): string | Uint8Array {
  try {
    return UTF8.decode(bytes)
  } catch {
    return bytes.slice()
  }
}

function formatUuid(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw new DamagedParquet(`a UUID has ${bytes.length} bytes`)
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function typeMismatchError(node: SchemaNode, type: PrimitiveType): DamagedParquet {
  const { leaf, annotation } = node
  const storedType = annotation
    ? `${leaf?.physicalType ?? 'group'} (${annotation.kind})`
    : (leaf?.physicalType ?? 'group')
  return new DamagedParquet(`column ${node.path.join('.')} holds ${storedType}, which cannot be read as ${type}`)
}
