import { AppError } from '@/lib/errors'
import { civilDate, daysSinceEpoch } from './calendar'
import { jsonDouble } from '../json/exact-json'
import { JsonNumber } from '../json/json-number'
import { isJsonObject } from '../json/json-object'
import { fromHex } from './byte-text'
import { type Primitive, parsePrimitive } from './primitive'
import { MICROS_PER_SECOND, NANOS_PER_SECOND } from './single-value'
import type { NestedField, PrimitiveType, Type, Value } from './types'
import type { Json } from '../json/json'

/**
 * Default values of columns, stored as in the schema's JSON.
 *
 * Spec: Iceberg table spec, *Default values* and appendix D, *JSON single-value serialization*.
 */

const MAX_INT = 2 ** 31 - 1
const MAX_LONG = 2n ** 63n - 1n
/** A year of more than four digits has a sign, as in ISO 8601. */
const DATE = /^(\d{4}|-\d{4}|[+-]\d{5,9})-(\d{2})-(\d{2})$/
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/

/** The kinds of types that have no default but null. */
const WITHOUT_DEFAULT: readonly Primitive['kind'][] = ['unknown', 'variant', 'geometry', 'geography', 'unrecognized']

/** Whether a column of the type can have a default other than null. Defaults of nested types are not offered. */
export function canHaveDefault(type: Type): boolean {
  return typeof type === 'string' && !WITHOUT_DEFAULT.includes(parsePrimitive(type).kind)
}

/**
 * Only for requests of clients: an existing table with an invalid default can still be read.
 *
 * @throws {AppError} invalid-request if a default is not a valid value of its column
 */
export function requireValidDefaults(field: NestedField, column: string): void {
  for (const [name, value] of [
    ['initial-default', field.initialDefault],
    ['write-default', field.writeDefault],
  ] as const) {
    if (value === undefined || isValidValue(field.type, value)) continue
    const isUnquoted =
      isNumber(value) && typeof field.type === 'string' && parsePrimitive(field.type).kind === 'decimal'
    throw new AppError(
      'invalid-request',
      `The ${name} of column ${column} is not a valid value of its type${isUnquoted ? '. A decimal is written as text, in quotes: "10.50"' : ''}`,
      { facts: { column } },
    )
  }
}

/**
 * The value to write. A float or double always has a decimal point, because Java would read it as an integer otherwise.
 */
export function defaultToJson(type: Type, value: Json): Json {
  if (type === 'float' || type === 'double') {
    return isNumber(value) ? jsonDouble(Number(value)) : value
  }
  if (typeof type === 'string') return value
  if (isList(value)) return type.type === 'list' ? value.map((item) => defaultToJson(type.element, item)) : value
  if (!isJsonObject(value)) return value
  const members = Object.entries(value)
  switch (type.type) {
    case 'struct': {
      const typeById = new Map(type.fields.map((field) => [String(field.id), field.type]))
      return Object.fromEntries(members.map(([id, item]) => [id, defaultToJson(typeById.get(id) ?? 'unknown', item)]))
    }
    case 'map': {
      const typeByKey: Record<string, Type> = { keys: type.key, values: type.value }
      return Object.fromEntries(
        members.map(([name, items]) => [name, itemsToJson(typeByKey[name] ?? 'unknown', items)]),
      )
    }
    case 'list':
      return value
  }
}

function itemsToJson(type: Type, items: Json): Json {
  return isList(items) ? items.map((item) => defaultToJson(type, item)) : items
}

function isValidValue(type: Type, value: Json): boolean {
  if (typeof type === 'string') return isValidPrimitive(type, value)
  switch (type.type) {
    case 'list':
      return isList(value) && value.every((item) => isValidValue(type.element, item))
    case 'map': {
      if (!isJsonObject(value)) return false
      const { keys, values } = value
      if (!isList(keys) || !isList(values) || keys.length !== values.length) return false
      return keys.every((key) => isValidValue(type.key, key)) && values.every((item) => isValidValue(type.value, item))
    }
    case 'struct':
      return (
        isJsonObject(value) &&
        type.fields.every(
          (field) => !Object.hasOwn(value, field.id) || isValidValue(field.type, value[field.id] ?? null),
        )
      )
  }
}

function isValidPrimitive(type: PrimitiveType, value: Json): boolean {
  return parsePrimitiveDefault(type, value) !== null
}

/** The value of a default of a primitive type; null if it is not a valid value of the type, such as JSON's null. */
export function parsePrimitiveDefault(type: PrimitiveType, value: Json): Value | null {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'int':
      return typeof value === 'number' && (value | 0) === value ? value : null
    case 'long':
      return isLong(value) ? BigInt(value) : null
    case 'float':
    case 'double': {
      if (!isNumber(value)) return null
      // A number beyond the range of the type would become infinite, which other programs refuse in JSON.
      const number = primitive.kind === 'float' ? Math.fround(Number(value)) : Number(value)
      return Number.isFinite(number) ? number : null
    }
    case 'decimal':
      return typeof value === 'string' ? parseDecimal(value, primitive) : null
    case 'date':
      return typeof value === 'string' ? parseDate(value) : null
    case 'time': {
      const nanos = typeof value === 'string' ? parseTimeNanos(value) : null
      return nanos === null ? null : nanos / (NANOS_PER_SECOND / MICROS_PER_SECOND)
    }
    case 'timestamp':
      return typeof value === 'string' ? parseTimestamp(value, MICROS_PER_SECOND) : null
    case 'timestamp_ns':
      return typeof value === 'string' ? parseTimestamp(value, NANOS_PER_SECOND) : null
    case 'timestamptz':
      return typeof value === 'string' && isUtc(value) ? parseTimestamp(stripZone(value), MICROS_PER_SECOND) : null
    case 'timestamptz_ns':
      return typeof value === 'string' && isUtc(value) ? parseTimestamp(stripZone(value), NANOS_PER_SECOND) : null
    case 'string':
      return typeof value === 'string' ? value : null
    case 'uuid':
      return matches(value, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}') ? value.toLowerCase() : null
    case 'fixed':
      return matches(value, '([0-9a-fA-F]{2})*') && value.length === primitive.lengthBytes * 2 ? fromHex(value) : null
    case 'binary':
      return matches(value, '([0-9a-fA-F]{2})*') ? fromHex(value) : null
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      return null
  }
}

function isNumber(value: Json): value is number | bigint | JsonNumber {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof JsonNumber
}

function isLong(value: Json): value is number | bigint {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  return typeof value === 'bigint' && value >= -MAX_LONG - 1n && value <= MAX_LONG
}

/** Days since 1970-01-01; null if the text is not a valid date, or one that a `date` cannot represent. */
export function parseDate(text: string): number | null {
  const [year = Number.NaN, month = 0, day = 0] = (DATE.exec(text) ?? []).slice(1).map(Number)
  const days = daysSinceEpoch({ year, month, day })
  const date = civilDate(days)
  const isDay = month >= 1 && month <= 12 && date.year === year && date.month === month && date.day === day
  return isDay && days >= -MAX_INT - 1 && days <= MAX_INT ? days : null
}

/** Null if the text is not a valid time of day. */
export function parseTimeNanos(text: string): bigint | null {
  const [, hours, minutes, seconds = '0', fraction = ''] = TIME.exec(text) ?? []
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null
  if (hours === undefined || minutes === undefined) return null
  const wholeSeconds = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  return wholeSeconds * NANOS_PER_SECOND + BigInt(fraction.padEnd(9, '0'))
}

/** In units since 1970-01-01T00:00; null if the text is not a timestamp, or does not fit in 64 bits. */
function parseTimestamp(text: string, unitsPerSecond: bigint): bigint | null {
  const separatorIndex = text.indexOf('T')
  const [days, nanos] =
    separatorIndex < 0
      ? [null, null]
      : [parseDate(text.slice(0, separatorIndex)), parseTimeNanos(text.slice(separatorIndex + 1))]
  if (days === null || nanos === null) return null
  const units = BigInt(days) * 86_400n * unitsPerSecond + nanos / (NANOS_PER_SECOND / unitsPerSecond)
  return isLong(units) ? units : null
}

function isUtc(text: string): boolean {
  return /(\+00:00|Z)$/.test(text)
}

function stripZone(text: string): string {
  return text.replace(/(\+00:00|Z)$/, '')
}

/** Unscaled. The specification requires as many digits after the point as the scale. */
function parseDecimal(text: string, { precision, scale }: { precision: number; scale: number }): bigint | null {
  const [, sign = '', integer, fraction = ''] = /^([+-]?)(\d{1,38})(?:\.(\d{1,38}))?$/.exec(text) ?? []
  if (integer === undefined || fraction.length !== scale) return null
  const digits = BigInt(integer + fraction)
  if (digits >= 10n ** BigInt(precision)) return null
  return sign === '-' ? -digits : digits
}

function matches(value: Json, pattern: string): value is string {
  return typeof value === 'string' && new RegExp(`^${pattern}$`).test(value)
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
