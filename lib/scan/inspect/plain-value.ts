import { fromHex } from '@/lib/iceberg/schema/byte-text'
import { floorDivide } from '@/lib/iceberg/schema/calendar'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import { parseTimeNanos } from '@/lib/iceberg/schema/default-value'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { type Located, locateLiteral, UnfitLiteral } from '../predicate/literal'
import { halfFloat } from '@/lib/parquet/half-float'
import { toPlainValues } from '../prune/parquet-range'
import { leafType } from '../read/file-columns'

/** The value that a text stands for in a column of a file. */
export type PlainValue = {
  /** A value of the column's type in Iceberg; null if bounds of the type cannot be compared with it. */
  value: { type: PrimitiveType; value: Value } | null
  /** Its plain encodings, of which a file has one; none if the column cannot hold it. */
  encodings: readonly Uint8Array[]
}

/**
 * Reads a text as a value of a column, by the type that the file declares: in the words in which the inspector shows
 * values. Bytes are hexadecimal after `0x`; in a column of bytes without a meaning any other text stands for its UTF-8.
 *
 * @throws {UnfitLiteral} when it is not a value of such a column
 */
export function parsePlainValue(node: SchemaNode, text: string): PlainValue {
  const { leaf, annotation } = node
  const type = leafType(node)
  if (leaf?.physicalType === 'INT96') return int96Value(locate('timestamp_ns', text))
  if (annotation?.kind === 'float16') return halfValue(locate('float', text))
  if (annotation?.kind === 'integer' && !annotation.isSigned) return unsignedValue(node, text)
  if (annotation?.kind === 'time' && annotation.unit === 'nanos') return timeValue(text)
  if (annotation?.kind === 'interval') return bytesOnly(fixedBytes(text, leaf?.lengthBytes ?? 0))
  if (type === 'binary') return bytesValue(text)
  if (type === 'geometry' || type === 'geography') return bytesOnly(hexBytes(text))
  if (type === 'unknown') throw new UnfitLiteral('the column holds nothing but nulls')
  if (type.startsWith('fixed')) {
    const bytes = fixedBytes(text, leaf?.lengthBytes ?? 0)
    return { value: { type, value: bytes }, encodings: [bytes] }
  }
  const located = locate(type, text)
  if (located === null) return { value: null, encodings: [] }
  const value = { type, value: located }
  if (annotation?.kind === 'decimal' && leaf?.physicalType === 'BYTE_ARRAY' && typeof located === 'bigint')
    return { value, encodings: decimalEncodings(located) }
  const encodings = toPlainValues(node, type, located)
  if (encodings === null) throw new UnfitLiteral(`values of a ${type} cannot be tested`)
  return { value, encodings }
}

const DECIMAL_NUMBERS = /^(int|long|float|double|decimal)/

/** Null for a number that no value of the type is equal to. */
function locate(type: PrimitiveType, text: string): Value | null {
  const trimmed = type === 'string' ? text : text.trim()
  const located: Located = locateLiteral(type, toLiteral(type, trimmed))
  return located.kind === 'value' ? located.value : null
}

function toLiteral(type: PrimitiveType, text: string): string | boolean | JsonNumber {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return DECIMAL_NUMBERS.test(type) && /^[+-]?\d/.test(text) ? new JsonNumber(text) : text
}

function unsignedValue({ leaf }: SchemaNode, text: string): PlainValue {
  const bits = leaf?.physicalType === 'INT64' ? 64 : 32
  const value = locate('decimal(38, 0)', text)
  if (typeof value !== 'bigint' || value < 0n || BigInt.asUintN(bits, value) !== value)
    return { value: null, encodings: [] }
  const bytes = new Uint8Array(bits / 8)
  const view = new DataView(bytes.buffer)
  if (bits === 64) view.setBigUint64(0, value, true)
  else view.setUint32(0, Number(value), true)
  // Bounds of the larger half of the longs have no value in Iceberg's long.
  const isLong = BigInt.asIntN(64, value) === value
  return { value: isLong ? { type: 'long', value } : null, encodings: [bytes] }
}

/** Iceberg has no type for a time of the day in nanoseconds. */
function timeValue(text: string): PlainValue {
  const nanos = parseTimeNanos(text.trim())
  if (nanos === null) throw new UnfitLiteral(`${JSON.stringify(text.slice(0, 100))} is not a time such as 22:31:08.5`)
  return bytesOnly(encodeSingleValue('long', nanos))
}

const NANOS_PER_DAY = 86_400_000_000_000n
const EPOCH_JULIAN_DAY = 2_440_588n

/** Nanoseconds of the day, then the Julian day. Its bounds have no order. */
function int96Value(nanos: Value | null): PlainValue {
  if (typeof nanos !== 'bigint') return { value: null, encodings: [] }
  const day = floorDivide(nanos, NANOS_PER_DAY)
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, nanos - day * NANOS_PER_DAY, true)
  view.setInt32(8, Number(day + EPOCH_JULIAN_DAY), true)
  return bytesOnly(bytes)
}

/** A half is found among all 65,536 of them; zero is two. */
function halfValue(value: Value | null): PlainValue {
  const encodings: Uint8Array[] = []
  for (let bits = 0; bits < 65_536; bits++) {
    const bytes = Uint8Array.of(bits & 0xff, bits >> 8)
    if (halfFloat(new DataView(bytes.buffer)) === value) encodings.push(bytes)
  }
  return { value: null, encodings }
}

function bytesValue(text: string): PlainValue {
  const bytes = text.startsWith('0x') ? hexBytes(text) : new TextEncoder().encode(text)
  return { value: { type: 'binary', value: bytes }, encodings: [bytes] }
}

function bytesOnly(bytes: Uint8Array): PlainValue {
  return { value: null, encodings: [bytes] }
}

function hexBytes(text: string): Uint8Array {
  const trimmed = text.trim()
  if (/^0x([0-9a-f]{2})*$/i.test(trimmed)) return fromHex(trimmed.slice(2))
  throw new UnfitLiteral(`${JSON.stringify(trimmed.slice(0, 100))} is not hexadecimal bytes such as 0x00ff`)
}

function fixedBytes(text: string, lengthBytes: number): Uint8Array {
  const bytes = hexBytes(text)
  if (bytes.length === lengthBytes) return bytes
  throw new UnfitLiteral(`${bytes.length} bytes are not a value of ${lengthBytes} bytes`)
}

const MAX_DECIMAL_BYTES = 16

/** Two's complement, big-endian: the shortest form, as the format wants it, and the longer ones that writers use. */
function decimalEncodings(value: bigint): Uint8Array[] {
  return Array.from({ length: MAX_DECIMAL_BYTES }, (_, index) => index + 1)
    .filter((length) => BigInt.asIntN(8 * length, value) === value)
    .map((length) => {
      const bytes = new Uint8Array(length)
      for (let at = length - 1, rest = value; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 0xffn)
      return bytes
    })
}
