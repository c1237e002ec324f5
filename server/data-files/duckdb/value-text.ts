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
    case 'timestamp':
    case 'timestamptz':
      return `epoch_us(${x})::VARCHAR`
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

export function valueFromText(type: PrimitiveType, text: string): Value {
  switch (parsePrimitive(type).kind) {
    case 'boolean':
      return text === 'true'
    case 'int':
    case 'date':
    case 'float':
    case 'double':
      return numberFromText(text)
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
  switch (parsePrimitive(type).kind) {
    case 'date':
      return `(DATE '1970-01-01' + (${text})::INTEGER)`
    case 'time':
      return `(TIME '00:00:00' + to_microseconds(${text}::BIGINT))`
    case 'timestamp':
      return `make_timestamp(${text}::BIGINT)`
    case 'timestamptz':
      return `make_timestamptz(${text}::BIGINT)`
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return `make_timestamp_ns(${text}::BIGINT)`
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
