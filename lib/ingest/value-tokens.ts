import { toHex } from '@/lib/iceberg/schema/byte-text'
import { isoDate, isoTime, isoTimestamp } from '@/lib/iceberg/schema/calendar'
import type { JsonToken } from './json-tokens'

/**
 * Values of binary formats in the form that a JSON file would have them in, exact to the last digit. A value that no
 * column holds (a time of day beyond 24 hours, a second beyond 64-bit microseconds) gets a text that its column refuses.
 */

export const NULL_TOKEN: JsonToken = { kind: 'null' }
const TRUE_TOKEN: JsonToken = { kind: 'true' }
const FALSE_TOKEN: JsonToken = { kind: 'false' }

export type UnitsPerSecond = 1n | 1_000n | 1_000_000n | 1_000_000_000n

const SECONDS_PER_DAY = 86_400n
/** Beyond it a text of a double has an exponent of its own. */
const MAX_DIGITS_VALUE = 1e38

export function booleanToken(value: boolean): JsonToken {
  return value ? TRUE_TOKEN : FALSE_TOKEN
}

export function stringToken(text: string): JsonToken {
  return { kind: 'string', text }
}

/** @param text digits with an optional minus sign */
export function integerToken(text: string): JsonToken {
  return { kind: 'number', text }
}

/** JSON has no form for NaN and infinities, so those are strings, as columns accept them. */
export function doubleToken(value: number): JsonToken {
  return Number.isFinite(value)
    ? { kind: 'number', text: numberText(value), isDouble: true }
    : stringToken(String(value))
}

/** @param value of 32 bits, whose digits are those of the double with the same value */
export function floatToken(value: number): JsonToken {
  return Number.isFinite(value) ? { kind: 'number', text: numberText(value) } : stringToken(String(value))
}

/**
 * The shortest text of a whole number beyond 2^53 has zeros instead of digits, so all digits are written. The
 * exponent says that it is a double: without one, a column of doubles takes the text for a number of that many digits.
 */
function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  if (Number.isSafeInteger(value) || !Number.isInteger(value) || Math.abs(value) >= MAX_DIGITS_VALUE)
    return String(value)
  return `${BigInt(value)}e0`
}

/** @param scale from 0 on */
export function decimalToken(unscaled: bigint, scale: number): JsonToken {
  if (scale === 0) return integerToken(String(unscaled))
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const point = digits.length - scale
  return { kind: 'number', text: `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}` }
}

/** @param days since 1970-01-01 */
export function dateToken(days: number): JsonToken {
  return stringToken(withSign(isoDate(days)))
}

/** @param units since midnight */
export function timeToken(units: bigint, unitsPerSecond: UnitsPerSecond): JsonToken {
  const isTimeOfDay = units >= 0n && units < SECONDS_PER_DAY * unitsPerSecond
  return stringToken(isTimeOfDay ? isoTime(units, unitsPerSecond) : String(units))
}

/**
 * @param units since 1970-01-01T00:00:00
 * @param isInstant whether the value is a point in time, not the time of some clock
 */
export function timestampToken(units: bigint, unitsPerSecond: UnitsPerSecond, isInstant: boolean): JsonToken {
  return stringToken(withSign(`${isoTimestamp(units, unitsPerSecond)}${isInstant ? 'Z' : ''}`))
}

/** The year before 0001 has a sign, like all others that a text of four digits cannot name. */
function withSign(text: string): string {
  return text.startsWith('0000-') ? `+${text}` : text
}

export function bytesToken(bytes: Uint8Array): JsonToken {
  return stringToken(toHex(bytes))
}

/** @param bytes 16 of them */
export function uuidToken(bytes: Uint8Array): JsonToken {
  return stringToken(toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'))
}
