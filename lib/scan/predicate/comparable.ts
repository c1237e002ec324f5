import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { compareValues, encodeSingleValue, tryDecodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { isUtf8 } from '@/lib/is-utf8'

/**
 * A value in the form that predicates compare: numbers as they are, booleans as 0 and 1, and everything that has an
 * order of bytes (strings, UUIDs, fixed, binary) as its bytes. So strings that are not UTF-8 compare too.
 */
export type Comparable = number | bigint | Uint8Array

/** @throws {TypeError} if the value is not one of the type */
export function toComparable(type: PrimitiveType, value: Value): Comparable {
  if (typeof value === 'boolean') return Number(value)
  // A string that is not UTF-8 is read as bytes.
  return typeof value === 'string' ? encodeSingleValue(type, value) : value
}

/**
 * A bound from its single-value binary form. A text that is not UTF-8 is none, also when it may only have been cut
 * within a character: other bytes look the same, and sorted as bytes they would hide rows.
 *
 * @returns null if the bytes cannot be a value of the type, or if it has no order
 */
export function decodeComparable(type: PrimitiveType, bytes: Uint8Array): Comparable | null {
  const { kind } = parsePrimitive(type)
  if (kind === 'string') return isUtf8(bytes) ? bytes : null
  if (kind === 'uuid') return bytes.length === 16 ? bytes : null
  const value = tryDecodeSingleValue(type, bytes)
  return value === null || Number.isNaN(value) ? null : toComparable(type, value)
}

/** The order of values of one type; an int compares with a long. NaN has none: the result is NaN. */
export function compareComparables(a: Comparable, b: Comparable): number {
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareValues('binary', a, b) : Number.NaN
  if (b instanceof Uint8Array) return Number.NaN
  if (a < b) return -1
  if (a > b) return 1
  // Neither less nor greater: equal, also across number and bigint, unless one is NaN.
  return a >= b ? 0 : Number.NaN
}

export function startsWithBytes(value: Comparable, prefix: Comparable): boolean {
  return hasBytesAt(value, prefix, 0)
}

export function endsWithBytes(value: Comparable, suffix: Comparable): boolean {
  if (!(value instanceof Uint8Array) || !(suffix instanceof Uint8Array)) return false
  return hasBytesAt(value, suffix, value.length - suffix.length)
}

/** Whether bytes contain others. It holds for texts in UTF-8, too: no character has the first byte of another inside. */
export function containsBytes(value: Comparable, part: Comparable): boolean {
  if (!(value instanceof Uint8Array) || !(part instanceof Uint8Array)) return false
  const [first] = part
  if (first === undefined) return true
  for (let at = value.indexOf(first); at !== -1; at = value.indexOf(first, at + 1)) {
    if (hasBytesAt(value, part, at)) return true
  }
  return false
}

function hasBytesAt(value: Comparable, part: Comparable, at: number): boolean {
  if (!(value instanceof Uint8Array) || !(part instanceof Uint8Array)) return false
  if (at < 0 || value.length < at + part.length) return false
  return part.every((byte, i) => value[at + i] === byte)
}
