import { AppError } from '@/lib/errors'
import { civilDate, floorDivide, isoDate, isoYear, twoDigits } from '../schema/calendar'
import { murmur3 } from './murmur3'
import { type Primitive, parsePrimitive } from '../schema/primitive'
import {
  toBigEndian,
  encodeSingleValue,
  formatValue,
  MICROS_PER_SECOND,
  NANOS_PER_SECOND,
} from '../schema/single-value'
import type { PrimitiveType, Value } from '../schema/types'

/**
 * Partition and sort transforms: their results and result types.
 *
 * Spec: Iceberg table spec, *Partition Transforms* and appendix B.
 */
export type Transform =
  | { kind: 'identity' | 'year' | 'month' | 'day' | 'hour' | 'void' }
  | { kind: 'bucket'; buckets: number }
  | { kind: 'truncate'; width: number }
  /** A transform that Lakeshore does not support; tables with it can still be read. */
  | { kind: 'unknown'; text: string }

const MAX_PARAMETER = 2 ** 31 - 1
/** Types whose values have no order, or that Lakeshore cannot decode. */
const UNSUPPORTED_KINDS: readonly Primitive['kind'][] = ['unknown', 'variant', 'geometry', 'geography', 'unrecognized']

/** Reads a transform as written in a spec: `month`, `bucket[16]`, `truncate[4]`. Never fails: see kind `unknown`. */
export function parseTransform(text: string): Transform {
  const word = text.toLowerCase()
  switch (word) {
    case 'identity':
    case 'year':
    case 'month':
    case 'day':
    case 'hour':
    case 'void':
      return { kind: word }
  }
  const [, name, digits] = /^(bucket|truncate)\[(\d{1,10})\]$/.exec(word) ?? []
  const parameter = Number(digits)
  if (name === undefined || parameter < 1 || parameter > MAX_PARAMETER) return { kind: 'unknown', text }
  return name === 'bucket' ? { kind: 'bucket', buckets: parameter } : { kind: 'truncate', width: parameter }
}

/** The one spelling of a transform: `BUCKET[016]` is `bucket[16]`. An unknown one stays as it is. */
export function normalizeTransform(text: string): string {
  const transform = parseTransform(text)
  switch (transform.kind) {
    case 'bucket':
      return `bucket[${transform.buckets}]`
    case 'truncate':
      return `truncate[${transform.width}]`
    case 'unknown':
      return transform.text
    default:
      return transform.kind
  }
}

/** For people, with the column's name: `month(date)`, `bucket[16](id)`, `origin` for identity. */
export function transformLabel(transform: Transform, column: string): string {
  switch (transform.kind) {
    case 'identity':
      return column
    case 'bucket':
      return `bucket[${transform.buckets}](${column})`
    case 'truncate':
      return `truncate[${transform.width}](${column})`
    case 'unknown':
      return `${transform.text}(${column})`
    case 'year':
    case 'month':
    case 'day':
    case 'hour':
    case 'void':
      return `${transform.kind}(${column})`
  }
}

/** Whether a transform accepts values of a type. An unknown one accepts none. */
export function canTransform(transform: Transform, sourceType: PrimitiveType): boolean {
  const { kind } = parsePrimitive(sourceType)
  switch (transform.kind) {
    case 'identity':
    case 'void':
      return !UNSUPPORTED_KINDS.includes(kind)
    case 'bucket':
      return !['boolean', 'float', 'double', ...UNSUPPORTED_KINDS].includes(kind)
    case 'truncate':
      return ['int', 'long', 'decimal', 'string', 'binary'].includes(kind)
    case 'year':
    case 'month':
    case 'day':
      return kind === 'date' || unitsPerSecond(kind) !== null
    case 'hour':
      return unitsPerSecond(kind) !== null
    case 'unknown':
      return false
  }
}

/** The type of a transform's results. `day` gives a date, which is stored as an int. */
export function transformResultType(transform: Transform, sourceType: PrimitiveType): PrimitiveType {
  switch (transform.kind) {
    case 'identity':
    case 'truncate':
    case 'void':
      return sourceType
    case 'bucket':
    case 'year':
    case 'month':
    case 'hour':
      return 'int'
    case 'day':
      return 'date'
    case 'unknown':
      return 'string'
  }
}

/**
 * The partition value of a column's value. Null gives null. Years, months, days and hours count from 1970.
 *
 * @throws {AppError} not-supported for an unknown transform; invalid-request if it does not accept the type
 */
export function applyTransform(transform: Transform, sourceType: PrimitiveType, value: Value | null): Value | null {
  if (transform.kind === 'unknown') {
    throw new AppError('not-supported', `Lakeshore does not support the transform ${transform.text}`)
  }
  if (!canTransform(transform, sourceType)) {
    throw new AppError('invalid-request', `${transform.kind} cannot be applied to ${sourceType}`)
  }
  if (value === null) return null
  const source = parsePrimitive(sourceType)
  switch (transform.kind) {
    case 'identity':
      return value
    case 'void':
      return null
    case 'bucket':
      return (bucketHash(sourceType, value) & 0x7fffffff) % transform.buckets
    case 'truncate':
      return truncateValue(value, transform.width, source)
    case 'year':
    case 'month':
    case 'day':
    case 'hour':
      return toTimeUnit(transform.kind, source, value)
  }
}

/** A partition value for people and for paths: `2001-06` for a month, `null`. */
export function formatTransformedValue(transform: Transform, sourceType: PrimitiveType, value: Value | null): string {
  if (value === null) return 'null'
  const units = Number(value)
  switch (transform.kind) {
    case 'year':
      return isoYear(1970 + units)
    case 'month':
      return `${isoYear(1970 + Math.floor(units / 12))}-${twoDigits((((units % 12) + 12) % 12) + 1)}`
    case 'day':
      return isoDate(units)
    case 'hour':
      return `${isoDate(Math.floor(units / 24))}-${twoDigits(((units % 24) + 24) % 24)}`
    case 'bucket':
      return String(value)
    case 'identity':
    case 'truncate':
    case 'void':
      return formatValue(sourceType, value)
    case 'unknown':
      return String(value)
  }
}

/**
 * The hash of appendix B, signed. Ints hash as longs and nanoseconds as microseconds, so that a promotion does not
 * change the hash.
 */
export function bucketHash(type: PrimitiveType, value: Value): number {
  const { kind } = parsePrimitive(type)
  if (typeof value === 'number') return murmur3(encodeSingleValue('long', BigInt(value)))
  if (kind === 'decimal' && typeof value === 'bigint') return murmur3(toBigEndian(value))
  if (typeof value === 'bigint' && unitsPerSecond(kind) === NANOS_PER_SECOND) {
    return murmur3(encodeSingleValue('long', floorDivide(value, 1000n)))
  }
  return murmur3(encodeSingleValue(type, value))
}

function truncateValue(value: Value, width: number, source: Primitive): Value {
  if (typeof value === 'string') return firstCodePoints(value, width)
  if (value instanceof Uint8Array) return value.subarray(0, width)
  const floored = floorDivide(BigInt(value), BigInt(width)) * BigInt(width)
  // Below the type's lowest multiple the reference implementation wraps around, so every writer must.
  if (source.kind === 'int') return Number(BigInt.asIntN(32, floored))
  return source.kind === 'long' ? BigInt.asIntN(64, floored) : floored
}

function firstCodePoints(text: string, count: number): string {
  let end = 0
  for (let taken = 0; taken < count && end < text.length; taken += 1)
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  return text.slice(0, end)
}

function toTimeUnit(unit: 'year' | 'month' | 'day' | 'hour', source: Primitive, value: Value): number {
  const perSecond = unitsPerSecond(source.kind)
  const seconds = perSecond === null ? BigInt(value as number) * 86_400n : floorDivide(value as bigint, perSecond)
  if (unit === 'hour') return Number(floorDivide(seconds, 3600n))
  const days = Number(floorDivide(seconds, 86_400n))
  if (unit === 'day') return days
  const { year, month } = civilDate(days)
  return unit === 'year' ? year - 1970 : (year - 1970) * 12 + month - 1
}

/** Null for types that are not timestamps. */
function unitsPerSecond(kind: Primitive['kind']): bigint | null {
  if (kind === 'timestamp' || kind === 'timestamptz') return MICROS_PER_SECOND
  return kind === 'timestamp_ns' || kind === 'timestamptz_ns' ? NANOS_PER_SECOND : null
}
