import { AppError } from '@/lib/errors'
import { fromHex, toBase64, toHex } from './byte-text'
import { isoDate, isoTime, isoTimestamp } from './calendar'
import { type Primitive, parsePrimitive } from './primitive'
import type { PrimitiveType, Value } from './types'
import { compareBytes } from '@/lib/compare-bytes'

/**
 * One value of a primitive type as bytes (the bounds in manifests), in order, and as text.
 *
 * Spec: Iceberg table spec, appendix D, *Binary single-value serialization*.
 */

export const MICROS_PER_SECOND = 1_000_000n
export const NANOS_PER_SECOND = 1_000_000_000n
const SECONDS_PER_DAY = 86_400n

/** @throws {TypeError} when the value is not in the type's JavaScript form (see `Value`) or out of its range */
export function encodeSingleValue(type: PrimitiveType, value: Value): Uint8Array {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      if (typeof value !== 'boolean') throw mismatchError(type, value)
      return Uint8Array.of(value ? 1 : 0)
    case 'int':
    case 'date': {
      if (typeof value !== 'number' || (value | 0) !== value) throw mismatchError(type, value)
      return buildBytes(4, (view) => view.setInt32(0, value, true))
    }
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns': {
      if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) throw mismatchError(type, value)
      return buildBytes(8, (view) => view.setBigInt64(0, value, true))
    }
    case 'float':
    case 'double': {
      if (typeof value !== 'number') throw mismatchError(type, value)
      if (primitive.kind === 'float') return buildBytes(4, (view) => view.setFloat32(0, value, true))
      return buildBytes(8, (view) => view.setFloat64(0, value, true))
    }
    case 'decimal':
      if (typeof value !== 'bigint' || !isWithinPrecision(value, primitive.precision)) throw mismatchError(type, value)
      return toBigEndian(value)
    case 'string':
      if (typeof value !== 'string') throw mismatchError(type, value)
      return new TextEncoder().encode(value)
    case 'uuid':
      if (typeof value !== 'string' || !UUID.test(value)) throw mismatchError(type, value)
      return fromHex(value.replaceAll('-', ''))
    case 'fixed':
      if (!(value instanceof Uint8Array) || value.length !== primitive.lengthBytes) throw mismatchError(type, value)
      return value
    case 'binary':
      if (!(value instanceof Uint8Array)) throw mismatchError(type, value)
      return value
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      throw mismatchError(type, value)
  }
}

/**
 * Also reads values written before a column was promoted: 4 bytes of a `long` were an `int`, 4 bytes of a `double` a
 * `float`, and 4 bytes of a `timestamp` or `timestamp_ns` a `date`.
 *
 * Spec: Iceberg table spec, *Schema evolution*, the table of types that are inferred from the length of bounds.
 *
 * @throws {AppError} file-damaged when the bytes cannot be a value of the type
 */
export function decodeSingleValue(type: PrimitiveType, bytes: Uint8Array): Value {
  const primitive = parsePrimitive(type)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const requireLength = (...lengths: number[]): void => {
    if (!lengths.includes(bytes.length)) throw lengthError(type, bytes)
  }
  switch (primitive.kind) {
    case 'boolean':
      requireLength(1)
      return view.getUint8(0) !== 0
    case 'int':
    case 'date':
      requireLength(4)
      return view.getInt32(0, true)
    case 'long':
      requireLength(4, 8)
      return bytes.length === 4 ? BigInt(view.getInt32(0, true)) : view.getBigInt64(0, true)
    case 'time':
    case 'timestamptz':
    case 'timestamptz_ns':
      requireLength(8)
      return view.getBigInt64(0, true)
    case 'timestamp':
    case 'timestamp_ns':
      requireLength(4, 8)
      return bytes.length === 4 ? startOfDay(type, view.getInt32(0, true)) : view.getBigInt64(0, true)
    case 'float':
      requireLength(4)
      return view.getFloat32(0, true)
    case 'double':
      requireLength(4, 8)
      return bytes.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true)
    case 'decimal':
      if (bytes.length === 0 || bytes.length > 16) throw lengthError(type, bytes)
      return fromBigEndian(bytes)
    case 'string':
      return decodeUtf8(bytes)
    case 'uuid':
      requireLength(16)
      return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    case 'fixed':
      // A bound of a fixed column may be truncated.
      if (bytes.length > primitive.lengthBytes) throw lengthError(type, bytes)
      return bytes
    case 'binary':
      return bytes
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      throw new AppError('not-supported', `Lakeshore cannot read single values of type ${type}`, { facts: { type } })
  }
}

/**
 * A bound, as {@link decodeSingleValue}; null if the bytes cannot be a value of the type, or the type has none.
 *
 * Nothing may be concluded from such a bound: it is neither shown nor compared.
 */
export function tryDecodeSingleValue(type: PrimitiveType, bytes: Uint8Array): Value | null {
  try {
    const value = decodeSingleValue(type, bytes)
    return isOfType(type, value) ? value : null
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

/**
 * Whether a value that was read from bytes is one of its type: a decimal may have more digits, a time may be after
 * 24:00, and a text that is not UTF-8 is read as bytes.
 */
export function isOfType(type: PrimitiveType, value: Value): boolean {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'decimal':
      return typeof value === 'bigint' && isWithinPrecision(value, primitive.precision)
    case 'time':
      return typeof value === 'bigint' && value >= 0n && value <= SECONDS_PER_DAY * MICROS_PER_SECOND
    case 'string':
      return typeof value === 'string'
    default:
      return true
  }
}

/**
 * Iceberg's order within a type: negative before zero before positive, `-0.0` before `+0.0` and NaN last; strings by
 * code point and bytes as unsigned, which is the order of their encoded bytes.
 */
export function compareValues(type: PrimitiveType, a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b)
  if ((typeof a === 'bigint' && typeof b === 'bigint') || (typeof a === 'boolean' && typeof b === 'boolean')) {
    return a < b ? -1 : Number(a > b)
  }
  throw mismatchError(type, typeof a === typeof b ? a : b)
}

/**
 * The value as text for people and for paths: `2001-06-30`, `22:31:08.500000`, `2017-11-16T22:31:08+00:00`, `14.20`;
 * bytes in base64, a float in the fewest digits that identify it.
 */
export function formatValue(type: PrimitiveType, value: Value): string {
  const primitive = parsePrimitive(type)
  if (typeof value === 'bigint') return formatInteger(primitive, value)
  if (value instanceof Uint8Array) return toBase64(value)
  if (primitive.kind === 'date' && typeof value === 'number') return isoDate(value)
  if (Object.is(value, -0)) return '-0'
  return primitive.kind === 'float' && typeof value === 'number' ? formatFloat(value) : String(value)
}

/** A float is a double in memory, whose own digits would be noise: 0.1 is stored as 0.10000000149011612. */
function formatFloat(value: number): string {
  // Below 2^-126 a float has fewer digits than six.
  const fewestDigits = Math.abs(value) < 2 ** -126 ? 1 : 6
  for (let precision = fewestDigits; precision < 9; precision += 1) {
    const shorter = Number(value.toPrecision(precision))
    if (Math.fround(shorter) === value) return String(shorter)
  }
  return String(value)
}

function formatInteger(primitive: Primitive, value: bigint): string {
  switch (primitive.kind) {
    case 'decimal':
      return formatDecimal(value, primitive.scale)
    case 'time':
      return isoTime(value, MICROS_PER_SECOND)
    case 'timestamp':
      return isoTimestamp(value, MICROS_PER_SECOND)
    case 'timestamptz':
      return `${isoTimestamp(value, MICROS_PER_SECOND)}+00:00`
    case 'timestamp_ns':
      return isoTimestamp(value, NANOS_PER_SECOND)
    case 'timestamptz_ns':
      return `${isoTimestamp(value, NANOS_PER_SECOND)}+00:00`
    default:
      return String(value)
  }
}

/** `(1420n, 2)` → `'14.20'`. */
function formatDecimal(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const sign = unscaled < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** @throws {AppError} file-damaged when the type cannot hold the day */
function startOfDay(type: PrimitiveType, days: number): bigint {
  const units = BigInt(days) * SECONDS_PER_DAY * (type === 'timestamp' ? MICROS_PER_SECOND : NANOS_PER_SECOND)
  if (BigInt.asIntN(64, units) === units) return units
  throw new AppError('file-damaged', `The date ${isoDate(days)} cannot be a value of type ${type}`, { facts: { type } })
}

/** Two's complement, big-endian, in the fewest bytes: how decimals are stored and hashed. */
export function toBigEndian(value: bigint): Uint8Array {
  let length = 1
  while (BigInt.asIntN(length * 8, value) !== value) length += 1
  const bytes = new Uint8Array(length)
  let remainder = value
  for (let index = length - 1; index >= 0; index -= 1) {
    bytes[index] = Number(remainder & 0xffn)
    remainder >>= 8n
  }
  return bytes
}

function fromBigEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function isWithinPrecision(unscaled: bigint, precision: number): boolean {
  const limit = 10n ** BigInt(precision)
  return unscaled < limit && unscaled > -limit
}

function buildBytes(length: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length)
  fill(new DataView(bytes.buffer))
  return bytes
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    // A byte order mark is part of the value.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new AppError('file-damaged', 'A string value is not valid UTF-8', { cause })
  }
}

function compareNumbers(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return Number(Object.is(b, -0)) - Number(Object.is(a, -0))
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

/** By code point: JavaScript's own `<` puts surrogate pairs before U+E000. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const [codeUnitA, codeUnitB] = [a.charCodeAt(index), b.charCodeAt(index)]
    if (codeUnitA !== codeUnitB) return codeUnitRank(codeUnitA) - codeUnitRank(codeUnitB)
  }
  return a.length - b.length
}

function codeUnitRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

function mismatchError(type: PrimitiveType, value: Value): TypeError {
  return new TypeError(`${String(value)} (${typeof value}) is not a value of type ${type}`)
}

function lengthError(type: PrimitiveType, bytes: Uint8Array): AppError {
  return new AppError('file-damaged', `${bytes.length} bytes cannot be a value of type ${type}`, {
    facts: { type, lengthBytes: bytes.length },
  })
}
