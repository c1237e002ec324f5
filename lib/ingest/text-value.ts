import { daysSinceEpoch } from '@/lib/iceberg/schema/calendar'
import { parseTimeNanos } from '@/lib/iceberg/schema/default-value'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { NANOS_PER_SECOND } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'

/**
 * Which texts a column accepts, in CSV and inside NDJSON. A value is accepted only when its column's type holds it
 * exactly. For `double` and `float`, a text with a point or an exponent means the nearest value; a whole number means
 * itself, and only zero means zero.
 *
 * | type | text |
 * |---|---|
 * | boolean | `true` or `false`, in any case |
 * | int, long | digits with an optional sign |
 * | decimal(p, s) | digits with an optional sign and point; zeros after the s-th decimal are ignored |
 * | float, double | the same with an optional exponent; `NaN`, `inf`, `infinity` |
 * | date | `2001-02-03`, years 0001 to 9999; with a sign all years of the type, `+10000-01-01`, `-0001-12-31` |
 * | time | `04:05`, `04:05:06`, `04:05:06.789012` |
 * | timestamp | date and time joined by a space or a `T`, without a zone |
 * | timestamptz | the same, with seconds and with `Z`, `+02`, `+0200` or `+02:00` |
 * | timestamp_ns, timestamptz_ns | the same within 64-bit nanoseconds (1677 to 2262), with up to nine decimals |
 * | uuid | 32 hexadecimal digits in five groups |
 * | binary | hexadecimal digits, two per byte |
 *
 * Decimals of seconds after the sixth (for nanoseconds, the ninth) must be zeros. Nothing is trimmed.
 */

const NUMBER = '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)'
const DATE = '[0-9]{4}-[0-9]{2}-[0-9]{2}'
/** With years beyond four digits, as ISO 8601 has them. */
const LONG_DATE = '([0-9]{4}|[+-][0-9]{4,7})-[0-9]{2}-[0-9]{2}'
const SECONDS = ':[0-9]{2}([.][0-9]{1,6}0*)?'
const MINUTES = '([01][0-9]|2[0-3]):[0-9]{2}'
const TIME = `${MINUTES}(${SECONDS})?`
const ZONE = '[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?'
const NANO_SECONDS = ':[0-9]{2}([.][0-9]{1,9}0*)?'

/** The whole days, in any zone, whose times 64-bit nanoseconds can hold; both inclusive. */
export const NANOSECOND_DAYS = { first: '1677-09-22', last: '2262-04-10' }
/** The days, in any zone, on which the range of nanoseconds begins or ends. */
export const NANOSECOND_END_DAYS = ['1677-09-20', '1677-09-21', '2262-04-11', '2262-04-12']

/**
 * The complete form of the type's texts; a regular expression that RE2 and JavaScript interpret in the same way. Null:
 * any text.
 */
export function textPattern(type: PrimitiveType): string | null {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      return '[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]'
    case 'int':
    case 'long':
      return '[+-]?[0-9]+'
    case 'decimal': {
      const { scale } = primitive
      return `[+-]?([0-9]+([.][0-9]{0,${scale}}0*)?|[.][0-9]{1,${Math.max(scale, 1)}}0*)`
    }
    case 'float':
    case 'double':
      return `${NUMBER}([eE][+-]?[0-9]+)?|[+-]?([iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])`
    case 'date':
      return LONG_DATE
    case 'time':
      return TIME
    case 'timestamp':
      return `${LONG_DATE}[T ]${TIME}`
    case 'timestamptz':
      return `${LONG_DATE}[T ]${MINUTES}${SECONDS}(Z|${ZONE})`
    case 'timestamp_ns':
      return `${DATE}[T ]${MINUTES}(${NANO_SECONDS})?`
    case 'timestamptz_ns':
      return `${DATE}[T ]${MINUTES}${NANO_SECONDS}(Z|${ZONE})`
    case 'uuid':
      return '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'
    case 'binary':
      return '([0-9a-fA-F]{2})*'
    case 'string':
    case 'fixed':
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      return null
  }
}

/** Why the type cannot hold the text's value exactly, in words for the rejects file; null when it can. */
export function misfitReason(type: PrimitiveType, text: string): string | null {
  const pattern = compilePattern(type)
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      return pattern.test(text) ? null : 'is neither true nor false'
    case 'int':
    case 'long':
      if (!pattern.test(text)) return 'is not a whole number such as 1204'
      return isWithinBits(BigInt(text.replace('+', '')), primitive.kind === 'int' ? 32 : 64)
        ? null
        : `is beyond the range of ${primitive.kind}`
    case 'decimal':
      return decimalMisfitReason(text, primitive.precision, primitive.scale, pattern)
    case 'float':
    case 'double':
      return pattern.test(text) ? floatMisfitReason(text, primitive.kind) : 'is not a number'
    case 'date':
      if (!pattern.test(text)) return 'is not a date such as 2001-02-03'
      if (!isCalendarDay(text)) return 'is not a day of the calendar'
      return isWithinBits(BigInt(daysOf(text)), 32) ? null : 'is beyond the range of date'
    case 'time':
      if (pattern.test(text)) return isTimeOfDay(text) ? null : 'is not a time of day'
      return hasNanoseconds(text) ? 'is more precise than microseconds' : 'is not a time such as 04:05:06.789'
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return timestampMisfitReason(text, primitive.kind, pattern)
    case 'uuid':
      return pattern.test(text) ? null : 'is not a UUID'
    case 'binary':
      return pattern.test(text) ? null : 'is not hexadecimal digits, two for a byte'
    case 'string':
      return text.isWellFormed() ? null : 'holds half a character (an unpaired surrogate)'
    case 'unknown':
      return 'is a value, but a column of type unknown holds none'
    case 'fixed':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      return `is of type ${type}, which cannot be written yet`
  }
}

const patternCache = new Map<PrimitiveType, RegExp>()

function compilePattern(type: PrimitiveType): RegExp {
  const known = patternCache.get(type)
  if (known) return known
  const compiled = new RegExp(`^(?:${textPattern(type) ?? '[^]*'})$`)
  patternCache.set(type, compiled)
  return compiled
}

function isWithinBits(value: bigint, bits: number): boolean {
  return BigInt.asIntN(bits, value) === value
}

function decimalMisfitReason(text: string, precision: number, scale: number, pattern: RegExp): string | null {
  if (!pattern.test(text)) {
    return /^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$/.test(text)
      ? `has more than ${scale} decimal${scale === 1 ? '' : 's'}`
      : 'is not a number such as 1204.5'
  }
  const whole = text.replace(/^[+-]?0*/, '').split('.')[0] ?? ''
  return whole.length <= precision - scale ? null : `has more than ${precision - scale} digits before the point`
}

function floatMisfitReason(text: string, kind: 'float' | 'double'): string | null {
  if (/[nN]/.test(text)) return null
  const value = kind === 'float' ? Math.fround(Number(text)) : Number(text)
  if (!Number.isFinite(value)) return `is beyond the range of ${kind}`
  if (value === 0 && /^[^eE]*[1-9]/.test(text)) return `is closer to zero than ${kind} can represent`
  const isWhole = /^[+-]?[0-9]+$/.test(text)
  return isWhole && BigInt(value) !== BigInt(text.replace('+', ''))
    ? `is a whole number that ${kind} cannot hold exactly`
    : null
}

type TimestampKind = 'timestamp' | 'timestamptz' | 'timestamp_ns' | 'timestamptz_ns'

function timestampMisfitReason(text: string, kind: TimestampKind, pattern: RegExp): string | null {
  const hasZone = kind === 'timestamptz' || kind === 'timestamptz_ns'
  const isNanos = kind === 'timestamp_ns' || kind === 'timestamptz_ns'
  if (!pattern.test(text)) {
    if (!hasZone && compilePattern(isNanos ? 'timestamptz_ns' : 'timestamptz').test(text))
      return 'has a zone, which a timestamp cannot store'
    if (hasZone && compilePattern(isNanos ? 'timestamp_ns' : 'timestamp').test(text))
      return 'has no zone (such as Z or +02:00)'
    if (/^[+-][0-9]{8,}-/.test(text)) return `is beyond the range of ${kind}`
    if (!isNanos && hasNanoseconds(text)) return 'is more precise than microseconds'
    return `is not a ${kind} such as 2001-02-03T04:05:06${hasZone ? 'Z' : ''}`
  }
  const dayLength = text.search(/[T ]/)
  const day = text.slice(0, dayLength)
  if (!isCalendarDay(day)) return 'is not a day of the calendar'
  if (!isTimeOfDay(text.slice(dayLength + 1).replace(/[Z+-].*$/, ''))) return 'is not a time of day'
  if (!isNanos) return isWithinBits(timestampNanos(text) / 1000n, 64) ? null : `is beyond the range of ${kind}`
  const isWithin = day >= NANOSECOND_DAYS.first && day <= NANOSECOND_DAYS.last
  if (isWithin || isWithinBits(timestampNanos(text), 64)) return null
  return 'is outside 1677-09-21T00:12:43.145224192 to 2262-04-11T23:47:16.854775807, the range of nanoseconds'
}

/**
 * Nanoseconds since 1970 in UTC.
 *
 * @param text that a type of timestamps accepts, apart from its range
 */
export function timestampNanos(text: string): bigint {
  const [, day = '', time = '', sign = '', hours = '0', minutes = '0'] =
    /^(.+?)[T ]([0-9:]+(?:[.][0-9]{1,9})?)0*(?:([+-])([0-9]{2}):?([0-9]{2})?|Z)?$/.exec(text) ?? []
  const nanos = parseTimeNanos(time)
  if (nanos === null) throw new RangeError(`${text} is not a timestamp`)
  const offsetMinutes = BigInt(hours) * 60n + BigInt(minutes)
  const utcMinutes = BigInt(daysOf(day)) * 1440n + (sign === '-' ? offsetMinutes : -offsetMinutes)
  return utcMinutes * 60n * NANOS_PER_SECOND + nanos
}

function isCalendarDay(text: string): boolean {
  const { year, month, day } = dateParts(text)
  // A year of zeros is most often no year; with a sign it is the one before 0001.
  return (year >= 1 || /^[+-]/.test(text)) && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
}

function dateParts(text: string): { year: number; month: number; day: number } {
  const [, year, month, day] = /^([+-]?[0-9]+)-([0-9]{2})-([0-9]{2})$/.exec(text) ?? []
  return { year: Number(year), month: Number(month), day: Number(day) }
}

/** Since 1970. */
function daysOf(text: string): number {
  return daysSinceEpoch(dateParts(text))
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

function isTimeOfDay(text: string): boolean {
  const [hours, minutes, seconds = '0'] = text.split(':')
  return Number(hours) <= 23 && Number(minutes) <= 59 && Number.parseInt(seconds, 10) <= 59
}

function hasNanoseconds(text: string): boolean {
  return /:[0-9]{2}[.][0-9]{6}0*[1-9]/.test(text)
}
