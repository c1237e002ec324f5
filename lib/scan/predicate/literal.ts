import { fromHex, toHex } from '@/lib/iceberg/schema/byte-text'
import { floorDivide } from '@/lib/iceberg/schema/calendar'
import { parseDate, parseTimeNanos } from '@/lib/iceberg/schema/default-value'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import type { Literal } from './predicate'

/**
 * Literals of predicates and values of columns. Literals are written as in Iceberg's JSON, and more freely: a number
 * may have more digits than the column has.
 *
 * Spec: Iceberg table spec, appendix D, *JSON single-value serialization*.
 */

/**
 * Where a literal is among a column's values: it is one of them, or it is between `below` and the next one, or all of
 * them are on one side of it.
 */
export type Located = { kind: 'value' | 'above'; value: Value } | { kind: 'below-all' | 'above-all' }

/** A literal that cannot be compared with a column; its message completes "Column x: …". */
export class UnfitLiteral extends Error {
  override readonly name = 'UnfitLiteral'
}

const NANOS_PER_DAY = 86_400_000_000_000n
/** Longer numbers would only cost time. */
const MAX_DIGITS = 400

/** @throws {UnfitLiteral} if values of the type cannot be compared with it */
export function locateLiteral(type: PrimitiveType, literal: Literal): Located {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      if (typeof literal !== 'boolean') throw unfitError(literal, 'true or false')
      return { kind: 'value', value: literal }
    case 'int':
      return toInt(locateUnits(parseDecimal(literal), 0, 32))
    case 'long':
      return locateUnits(parseDecimal(literal), 0, 64)
    case 'decimal':
      return locateUnits(parseDecimal(literal), primitive.scale, 128)
    case 'float':
    case 'double':
      return { kind: 'value', value: parseFloating(literal, primitive.kind) }
    case 'date': {
      const days = typeof literal === 'string' ? parseDate(literal) : null
      if (days === null) throw unfitError(literal, 'a date such as 2024-05-17')
      return { kind: 'value', value: days }
    }
    case 'time': {
      const nanos = typeof literal === 'string' ? parseTimeNanos(literal) : null
      if (nanos === null) throw unfitError(literal, 'a time such as 22:31:08.5')
      return locateUnits({ unscaled: nanos, scale: 9 }, 6, 64)
    }
    case 'timestamp':
    case 'timestamp_ns':
    case 'timestamptz':
    case 'timestamptz_ns': {
      const nanos = parseTimestamp(literal, primitive.kind.startsWith('timestamptz'))
      return locateUnits({ unscaled: nanos, scale: 9 }, primitive.kind.endsWith('_ns') ? 9 : 6, 64)
    }
    case 'string':
      if (typeof literal !== 'string' || !literal.isWellFormed()) throw unfitError(literal, 'a text')
      return { kind: 'value', value: literal }
    case 'uuid':
      if (typeof literal !== 'string' || !UUID.test(literal)) throw unfitError(literal, 'a UUID')
      return { kind: 'value', value: literal.toLowerCase() }
    case 'fixed':
      return { kind: 'value', value: parseBytes(literal, primitive.lengthBytes) }
    case 'binary':
      return { kind: 'value', value: parseBytes(literal, null) }
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      throw new UnfitLiteral(`values of type ${type} cannot be compared; only whether they are null can be tested`)
  }
}

/**
 * As {@link locateLiteral}, for a filter that its client applies. A date is also compared with a timestamp, which is
 * between two dates unless it is a midnight: Iceberg's Java library takes its day in UTC, other clients compare it as it
 * is.
 */
export function locateClientLiteral(type: PrimitiveType, literal: Literal): Located {
  const timestamp = type === 'date' ? readTimestamp(literal) : null
  return timestamp === null ? locateLiteral(type, literal) : toInt(locateMultiple(timestamp.nanos, NANOS_PER_DAY, 32))
}

/** The literal that {@link locateLiteral} turns into the value. */
export function toLiteral(type: PrimitiveType, value: Value): Literal {
  if (value instanceof Uint8Array) return toHex(value)
  const { kind } = parsePrimitive(type)
  if (kind === 'long' && typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }
  if (typeof value === 'number' && kind !== 'date') {
    if (Object.is(value, -0)) return new JsonNumber('-0.0')
    return kind === 'float' ? Number(formatValue(type, value)) : value
  }
  return typeof value === 'boolean' || typeof value === 'string' ? value : formatValue(type, value)
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** A decimal number: `unscaled` × 10^-`scale`. */
type Decimal = { unscaled: bigint; scale: number }

/** Among whole numbers of 10^-`scale`, of that many bits. */
function locateUnits({ unscaled, scale: digits }: Decimal, scale: number, bits: number): Located {
  const divisor = 10n ** BigInt(Math.max(0, digits - scale))
  return locateMultiple(unscaled * 10n ** BigInt(Math.max(0, scale - digits)), divisor, bits)
}

/** Among the multiples of `divisor` whose factors have that many bits. */
function locateMultiple(amount: bigint, divisor: bigint, bits: number): Located {
  const value = floorDivide(amount, divisor)
  const limit = 2n ** BigInt(bits - 1)
  if (value < -limit) return { kind: 'below-all' }
  if (value >= limit) return { kind: 'above-all' }
  return { kind: value * divisor === amount ? 'value' : 'above', value }
}

function toInt(located: Located): Located {
  return 'value' in located ? { ...located, value: Number(located.value) } : located
}

/** Decimals are text in Iceberg's JSON. */
function parseDecimal(literal: Literal): Decimal {
  const text = typeof literal === 'boolean' ? '' : String(literal)
  const [, sign = '', integer = '', fraction = '', exponentText = '0'] =
    /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text) ?? []
  if (integer === '') throw unfitError(literal, 'a number')
  const exponent = Number(exponentText)
  if (integer.length + fraction.length + Math.abs(exponent) > MAX_DIGITS) throw unfitError(literal, 'a shorter number')
  const digits = BigInt(`${integer}${fraction}`) * 10n ** BigInt(Math.max(0, exponent - fraction.length))
  return { unscaled: sign === '-' ? -digits : digits, scale: Math.max(0, fraction.length - exponent) }
}

/** The nearest value, as engines do. A float whose nearest would be infinite is compared as it is. */
function parseFloating(literal: Literal, kind: 'float' | 'double'): number {
  const isNumber = typeof literal === 'number' || typeof literal === 'bigint' || literal instanceof JsonNumber
  const value = isNumber ? Number(String(literal)) : Number.NaN
  if (!Number.isFinite(value))
    throw unfitError(literal, 'a finite number (for NaN, write: is nan; infinite numbers cannot be written)')
  const nearest = Math.fround(value)
  return kind === 'float' && Number.isFinite(nearest) ? nearest : value
}

const TIMESTAMP = /^([+-]?\d{4,9}-\d{2}-\d{2})(?:[T ]([\d:.]+))?(Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?$/

/**
 * Nanoseconds since 1970-01-01. A time without an offset is in UTC, as in SQL (docs/decisions/043), so that a filter and
 * a statement with the same text mean the same.
 */
function parseTimestamp(literal: Literal, hasZone: boolean): bigint {
  const written = readTimestamp(literal)
  if (written === null) throw unfitError(literal, 'a timestamp such as 2024-05-17T22:31:08')
  if (written.hasOffset && !hasZone) {
    throw new UnfitLiteral(`${JSON.stringify(literal)} has an offset, but the column has no zone`)
  }
  return written.nanos
}

/** A literal for a column of timestamps, with its offset taken off; null if it is not a time. */
export function readTimestamp(literal: Literal): { nanos: bigint; hasOffset: boolean } | null {
  const [, date = '', time = '00:00', zone] = (typeof literal === 'string' && TIMESTAMP.exec(literal)) || []
  const [days, nanos] = [parseDate(date), parseTimeNanos(time)]
  if (days === null || nanos === null) return null
  return { nanos: BigInt(days) * NANOS_PER_DAY + nanos - offsetNanos(zone), hasOffset: zone !== undefined }
}

function offsetNanos(zone: string | undefined): bigint {
  if (zone === undefined || zone === 'Z') return 0n
  // Before there were time zones, offsets had seconds: clocks of Berlin were 53 minutes and 28 seconds ahead of UTC.
  const [hours = 0n, minutes = 0n, seconds = 0n] = (zone.match(/\d{2}/g) ?? []).map(BigInt)
  const offsetSeconds = hours * 3600n + minutes * 60n + seconds
  return (zone.startsWith('-') ? -offsetSeconds : offsetSeconds) * 1_000_000_000n
}

function parseBytes(literal: Literal, lengthBytes: number | null): Uint8Array {
  if (typeof literal !== 'string' || !/^([0-9a-f]{2})*$/i.test(literal)) throw unfitError(literal, 'hexadecimal bytes')
  if (lengthBytes !== null && literal.length !== lengthBytes * 2) {
    throw unfitError(literal, `${lengthBytes} hexadecimal bytes`)
  }
  return fromHex(literal)
}

function unfitError(literal: Literal, expected: string): UnfitLiteral {
  const text = typeof literal === 'string' ? JSON.stringify(literal) : String(literal)
  return new UnfitLiteral(`${text.length > 100 ? `${text.slice(0, 100)}…` : text} is not ${expected}`)
}
