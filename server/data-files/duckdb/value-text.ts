import 'server-only'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { duckdbType, quoteLiteral } from './column-type'

/**
 * Values exchanged between DuckDB and this program as exact text: integers in digits, dates in days, times in
 * microseconds or their type's nanoseconds, decimals unscaled, bytes as hexadecimal digits.
 */

export function valueTextSql(type: PrimitiveType, x: string): string {
  switch (parsePrimitive(type).kind) {
    case 'date':
      return `(${x} - DATE '1970-01-01')::VARCHAR`
    case 'time':
      return `epoch_us(${x})::VARCHAR`
    case 'timestamp':
    case 'timestamptz':
      return `${epochMicrosSql(x)}::VARCHAR`
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return `epoch_ns(${x})::VARCHAR`
    case 'decimal':
      return `replace(${x}::VARCHAR, '.', '')`
    case 'binary':
      return `hex(${x})`
    default:
      return `${x}::VARCHAR`
  }
}

/**
 * The microseconds of a timestamp since 1970. For the greatest value and its negative, which DuckDB takes for infinity,
 * `epoch_us` is null.
 */
export function epochMicrosSql(x: string): string {
  return `CASE ${x} WHEN 'infinity' THEN ${LAST_INT64} WHEN '-infinity' THEN -${LAST_INT64} ELSE epoch_us(${x}) END`
}

/**
 * A timestamp of any number of nanoseconds since 1970; null beyond 64 bits.
 *
 * @param nanos of any integer type
 */
export function timestampNanosSql(nanos: string): string {
  const checked = `TRY_CAST(${nanos} AS BIGINT)`
  return `CASE ${checked} WHEN ${LAST_INT64} THEN 'infinity'::TIMESTAMP_NS WHEN -${LAST_INT64} THEN '-infinity'::TIMESTAMP_NS ELSE make_timestamp_ns(${checked}) END`
}

/**
 * A timestamp of any number of microseconds since 1970; null beyond 64 bits.
 *
 * @param micros of any integer type
 */
export function timestampMicrosSql(type: 'timestamp' | 'timestamptz', micros: string): string {
  const [checked, to] = [`TRY_CAST(${micros} AS BIGINT)`, duckdbType(type)]
  return `CASE ${checked} WHEN ${LAST_INT64} THEN 'infinity'::${to} WHEN -${LAST_INT64} THEN '-infinity'::${to} ELSE make_${type}(${checked}) END`
}

/** SQL that is true for one value of a type, given as its text. */
export function isValueSql(type: PrimitiveType, x: string, text: string): string {
  // Not every time at the ends of the range has a literal.
  return isOrdinaryTime(type, text)
    ? `${x} = ${valueLiteral(type, text)}`
    : `${valueTextSql(type, x)} = ${quoteLiteral(text)}`
}

/** The value that DuckDB takes for infinity, as its negative for the other one; null if the type has none. */
function lastValue(type: PrimitiveType): bigint | null {
  if (ordinaryLimit(type) === null) return null
  return type === 'date' ? 2n ** 31n - 1n : LAST_INT64
}

const LAST_INT64 = 2n ** 63n - 1n
/** 1677-09-23 to 2262-04-10, and more than the years 1 to 9999. */
const ORDINARY_NANOS = 9_223_200_000_000_000_000n
const ORDINARY_MICROS = 300_000_000_000_000_000n
const ORDINARY_DAYS = 3_000_000n

/** False for a date or a timestamp so far from 1970 that functions of DuckDB may refuse it; true for any other type. */
function isOrdinaryTime(type: PrimitiveType, text: string): boolean {
  const limit = ordinaryLimit(type)
  if (limit === null) return true
  const value = BigInt(text)
  return -limit <= value && value <= limit
}

function ordinaryLimit(type: PrimitiveType): bigint | null {
  switch (parsePrimitive(type).kind) {
    case 'date':
      return ORDINARY_DAYS
    case 'timestamp':
    case 'timestamptz':
      return ORDINARY_MICROS
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return ORDINARY_NANOS
    default:
      return null
  }
}

export function valueFromText(type: PrimitiveType, text: string): Value {
  switch (parsePrimitive(type).kind) {
    case 'boolean':
      return text === 'true'
    case 'int':
    case 'date':
    case 'double':
      return numberFromText(text)
    case 'float':
      return Math.fround(numberFromText(text))
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
    case 'decimal':
      return BigInt(text)
    case 'binary':
      return new Uint8Array(Buffer.from(text, 'hex'))
    default:
      return text
  }
}

/** The value as SQL of the type's DuckDB form. */
export function valueLiteral(type: PrimitiveType, text: string): string {
  const last = lastValue(type)
  if (last !== null && text === String(last)) return `'infinity'::${duckdbType(type)}`
  if (last !== null && text === String(-last)) return `'-infinity'::${duckdbType(type)}`
  switch (parsePrimitive(type).kind) {
    case 'date':
      return `(DATE '1970-01-01' + (${text})::INTEGER)`
    case 'time':
      return `(TIME '00:00:00' + to_microseconds(${text}::BIGINT))`
    case 'timestamp':
      return `make_timestamp((${text})::BIGINT)`
    case 'timestamptz':
      return `make_timestamptz((${text})::BIGINT)`
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return `make_timestamp_ns((${text})::BIGINT)`
    case 'decimal':
      return `${quoteLiteral(toDecimalText(type, text))}::${duckdbType(type)}`
    case 'binary':
      return `unhex(${quoteLiteral(text)})`
    default:
      return `${quoteLiteral(text)}::${duckdbType(type)}`
  }
}

/** DuckDB writes `inf` and `nan`. */
function numberFromText(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY
  if (text === '-inf') return Number.NEGATIVE_INFINITY
  return Number(text)
}

function toDecimalText(type: PrimitiveType, unscaled: string): string {
  const primitive = parsePrimitive(type)
  const scale = primitive.kind === 'decimal' ? primitive.scale : 0
  const [sign, digits] = unscaled.startsWith('-') ? ['-', unscaled.slice(1)] : ['', unscaled]
  if (scale === 0) return unscaled
  const padded = digits.padStart(scale + 1, '0')
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}
