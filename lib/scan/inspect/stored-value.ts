import { halfFloat } from '@/lib/parquet/half-float'
import { isoTime } from '@/lib/iceberg/schema/calendar'
import { toHex } from '@/lib/iceberg/schema/byte-text'
import { decodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { valueText } from '../value-text'

/** The longest text of a bound; a person does not need the bytes that follow it. */
const MAX_SHOWN_BYTES = 200

/**
 * A value of a footer or a page index, which is in the plain encoding of its column, as text for people: exact, and by
 * the type that the file itself declares. Bytes that are invalid for the type are shown in hexadecimal, with the name
 * of the type.
 *
 * @param timeZone IANA name of the reader's zone, in which instants are shown
 *
 * Spec: parquet-format, `parquet.thrift`, *Statistics*, and *LogicalTypes.md*.
 */
export function storedValueText(node: SchemaNode, bytes: Uint8Array, timeZone: string): string {
  const isShortened = isOfAnyLength(node) && bytes.length > MAX_SHOWN_BYTES
  const shown = isShortened ? bytes.subarray(0, MAX_SHOWN_BYTES) : bytes
  try {
    return `${toText(node, shown, timeZone)}${isShortened ? '…' : ''}`
  } catch {
    return `0x${toHex(shown)} (not a value of the column)`
  }
}

function isOfAnyLength({ leaf, annotation }: SchemaNode): boolean {
  if (annotation?.kind === 'decimal') return false
  return leaf?.physicalType === 'BYTE_ARRAY' || leaf?.physicalType === 'FIXED_LEN_BYTE_ARRAY'
}

function toText({ leaf, annotation }: SchemaNode, bytes: Uint8Array, timeZone: string): string {
  const decode = (type: PrimitiveType) => valueText(type, decodeSingleValue(type, bytes), timeZone)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  requireLength(bytes, WIDTHS[leaf?.physicalType ?? 'BYTE_ARRAY'])
  switch (leaf?.physicalType) {
    case 'BOOLEAN':
      return decode('boolean')
    case 'FLOAT':
      return decode('float')
    case 'DOUBLE':
      return decode('double')
    case 'INT32':
      if (annotation?.kind === 'integer' && !annotation.isSigned) return String(view.getUint32(0, true))
      if (annotation?.kind === 'date') return decode('date')
      return integerText(annotation, BigInt(view.getInt32(0, true)), timeZone)
    case 'INT64':
      if (annotation?.kind === 'integer' && !annotation.isSigned) return String(view.getBigUint64(0, true))
      return integerText(annotation, view.getBigInt64(0, true), timeZone)
    case 'INT96':
      return int96Text(view, timeZone)
    case 'FIXED_LEN_BYTE_ARRAY':
      if (annotation?.kind === 'uuid') return decode('uuid')
      if (annotation?.kind === 'float16') return String(halfFloat(view))
      return bytesText(annotation, bytes)
    case 'BYTE_ARRAY':
    case undefined:
      return bytesText(annotation, bytes)
  }
}

const WIDTHS = {
  BOOLEAN: 1,
  INT32: 4,
  INT64: 8,
  INT96: 12,
  FLOAT: 4,
  DOUBLE: 8,
  BYTE_ARRAY: null,
  FIXED_LEN_BYTE_ARRAY: null,
} as const

function requireLength(bytes: Uint8Array, width: number | null): void {
  if (width !== null && bytes.length !== width) throw new RangeError(`${bytes.length} bytes for a value of ${width}`)
}

const NANOS_PER_SECOND = 1_000_000_000n

function integerText(annotation: SchemaNode['annotation'], value: bigint, timeZone: string): string {
  if (annotation?.kind === 'decimal') return decimalText(annotation.scale, value)
  if (annotation?.kind !== 'time' && annotation?.kind !== 'timestamp') return String(value)
  const { kind, unit, isUtc } = annotation
  const zone = isUtc ? 'timestamptz' : 'timestamp'
  if (unit === 'nanos' && kind === 'timestamp') return valueText(`${zone}_ns`, value, timeZone)
  const micros = unit === 'millis' ? value * 1_000n : value
  if (kind === 'timestamp') return valueText(zone, micros, timeZone)
  // Iceberg has no type for a time of the day in nanoseconds.
  return unit === 'nanos' ? isoTime(value, NANOS_PER_SECOND) : valueText('time', micros, timeZone)
}

function decimalText(scale: number, unscaled: bigint): string {
  if (scale <= 0) return String(unscaled)
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Nanoseconds of the day, then the Julian day: 2,440,588 is 1970-01-01. */
function int96Text(view: DataView, timeZone: string): string {
  const days = BigInt(view.getInt32(8, true) - 2_440_588)
  return valueText('timestamp_ns', days * 86_400n * NANOS_PER_SECOND + view.getBigInt64(0, true), timeZone)
}

// A byte order mark is part of the value.
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })
const STRICT_UTF8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

function bytesText(annotation: SchemaNode['annotation'], bytes: Uint8Array): string {
  switch (annotation?.kind) {
    case 'decimal':
      if (bytes.length === 0 || bytes.length > 32) throw new RangeError('a decimal of another length')
      return decimalText(annotation.scale, BigInt.asIntN(bytes.length * 8, BigInt(`0x${toHex(bytes)}`)))
    case 'string':
    case 'enum':
    case 'json':
      // A bound may have been cut within a character.
      return isText(bytes) ? UTF8.decode(withoutCutCharacter(bytes)) : `0x${toHex(bytes)}`
    default:
      return `0x${toHex(bytes)}`
  }
}

function isText(bytes: Uint8Array): boolean {
  try {
    STRICT_UTF8.decode(withoutCutCharacter(bytes))
    return true
  } catch {
    return false
  }
}

/** Without the beginning of a character at the end, whose other bytes were cut off. */
function withoutCutCharacter(bytes: Uint8Array): Uint8Array {
  let start = bytes.length - 1
  while (start > bytes.length - 4 && start >= 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--
  const lead = bytes[start] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  return start >= 0 && bytes.length - start < length ? bytes.subarray(0, start) : bytes
}
