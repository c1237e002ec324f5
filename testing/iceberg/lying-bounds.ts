import fc from 'fast-check'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { compareValues, encodeSingleValue, toBigEndian } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'

/**
 * Bounds of values as bytes, as careful and careless writers record them. Each is true, or anyone who reads it can tell
 * that it is not: a reader that finds all rows must not trust it. For tests.
 */
export const LIES = [
  'none',
  'absent',
  'no-lower',
  'no-upper',
  /** The least and the greatest value in each other's place. */
  'inverted',
  'lower-too-short',
  'upper-too-long',
  'both-too-long',
  'nan-lower',
  'nan-upper',
  'nan',
  /** To fewer bytes, also within a character; allowed for texts and bytes. */
  'truncated',
  'truncated-to-nothing',
  'truncated-and-incremented',
  'sign-extended',
  'other-zero',
  /** Bytes of the right length that are no value: texts that are not UTF-8, too many digits, times after 24:00. */
  'no-value',
  'no-value-lower',
  'no-value-upper',
  /** UUIDs as two signed numbers, as Java orders them. */
  'signed-halves',
] as const
export type Lie = (typeof LIES)[number]

/** Mostly lies, and the truth often enough that files are skipped. */
export const arbitraryLie: fc.Arbitrary<Lie> = fc.oneof(
  { arbitrary: fc.constant('none' as const), weight: 1 },
  { arbitrary: fc.constantFrom(...LIES), weight: 2 },
)

export type Bounds = { lower: Uint8Array | null; upper: Uint8Array | null }

/** The bounds of some values of a type, nulls and NaN left out, with a lie that the type allows. */
export function boundsWithLie(type: PrimitiveType, values: readonly (Value | null)[], lie: Lie): Bounds {
  const present = values.filter((value) => value !== null)
  const compare = lie === 'signed-halves' && type === 'uuid' ? compareHalves : compareOfType
  const sorted = present.filter((value) => !Number.isNaN(value)).toSorted((a, b) => compare(a, b))
  const [least, greatest] = [sorted.at(0), sorted.at(-1)]
  const isFloating = type === 'float' || type === 'double'
  const isNan = isFloating && present.length > 0
  if (isNan && lie === 'nan') return { lower: nan(), upper: nan() }
  if (least === undefined || greatest === undefined) return { lower: null, upper: null }
  const [lower, upper] = [encodeSingleValue(type, least), encodeSingleValue(type, greatest)]
  const { kind } = parsePrimitive(type)
  const hasWidth = !['string', 'binary', 'fixed', 'decimal'].includes(kind)
  const isTruncatable = ['string', 'binary', 'fixed'].includes(kind)
  switch (lie) {
    case 'absent':
      return { lower: null, upper: null }
    case 'no-lower':
      return { lower: null, upper }
    case 'no-upper':
      return { lower, upper: null }
    case 'inverted':
      return { lower: upper, upper: lower }
    case 'lower-too-short':
      // A double of four bytes was a float, and a long an int.
      return hasWidth ? { lower: lower.subarray(0, lower.length > 4 ? 3 : lower.length - 1), upper } : { lower, upper }
    case 'upper-too-long':
      return hasWidth ? { lower, upper: longer(upper) } : { lower, upper }
    case 'both-too-long':
      return hasWidth ? { lower: longer(lower), upper: longer(upper) } : { lower, upper }
    case 'nan-lower':
      return isNan ? { lower: nan(), upper } : { lower, upper }
    case 'nan-upper':
      return isNan ? { lower, upper: nan() } : { lower, upper }
    case 'truncated':
      return isTruncatable ? { lower: lower.subarray(0, 2), upper: upper.subarray(0, 2) } : { lower, upper }
    case 'truncated-to-nothing':
      return isTruncatable ? { lower: lower.subarray(0, 0), upper: upper.subarray(0, 0) } : { lower, upper }
    case 'truncated-and-incremented':
      return isTruncatable ? { lower: lower.subarray(0, 2), upper: increment(upper) } : { lower, upper }
    case 'sign-extended':
      return kind === 'decimal' ? { lower: extend(lower), upper: extend(upper) } : { lower, upper }
    case 'no-value':
      return { lower: noValue(1) ?? lower, upper: noValue(1) ?? upper }
    case 'no-value-lower':
      return noValue(1) ? { lower: noValue(1), upper: null } : { lower, upper }
    case 'no-value-upper':
      return noValue(-1) ? { lower: null, upper: noValue(-1) } : { lower, upper }
    case 'other-zero':
      return { lower: otherZero(least) ?? lower, upper: otherZero(greatest) ?? upper }
    default:
      return { lower, upper }
  }

  function compareOfType(a: Value, b: Value): number {
    return compareValues(type, a, b)
  }

  function nan(): Uint8Array {
    return encodeSingleValue(type, Number.NaN)
  }

  /** Above or below the values in the order of bytes or numbers: of texts, below those that are not ASCII. */
  function noValue(direction: 1 | -1): Uint8Array | null {
    const primitive = parsePrimitive(type)
    switch (primitive.kind) {
      case 'string':
        return direction === 1 ? Uint8Array.of(0xff, 0xfe) : Uint8Array.of(0x80)
      case 'decimal':
        return toBigEndian(BigInt(direction) * 10n ** BigInt(primitive.precision))
      case 'time':
        return encodeSingleValue(type, direction === 1 ? 2n ** 62n : -1n)
      default:
        return null
    }
  }

  function otherZero(value: Value): Uint8Array | null {
    return value === 0 && isFloating ? encodeSingleValue(type, Object.is(value, -0) ? 0 : -0) : null
  }
}

export function isNanBound(type: PrimitiveType, { lower, upper }: Bounds): boolean {
  if (type !== 'float' && type !== 'double') return false
  const nan = encodeSingleValue(type, Number.NaN)
  return [lower, upper].some((bound) => bound !== null && Buffer.from(bound).equals(nan))
}

function longer(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes, 0])
}

function extend(decimal: Uint8Array): Uint8Array {
  return Uint8Array.from([...new Uint8Array(16 - decimal.length).fill((decimal[0] ?? 0) >= 128 ? 255 : 0), ...decimal])
}

/** The first two bytes, incremented; null if no bytes of that length are greater. */
function increment(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length <= 2) return bytes
  const start = Uint8Array.from(bytes.subarray(0, 2))
  const last = start.findLastIndex((byte) => byte < 255)
  if (last < 0) return null
  start[last] = (start[last] ?? 0) + 1
  return start.subarray(0, last + 1)
}

function compareHalves(a: Value, b: Value): number {
  const halves = (value: Value) => {
    const digits = String(value).replaceAll('-', '')
    return [digits.slice(0, 16), digits.slice(16)].map((half) => BigInt.asIntN(64, BigInt(`0x${half}`)))
  }
  const [one, other] = [halves(a), halves(b)]
  const at = one.findIndex((half, i) => half !== other[i])
  return at < 0 ? 0 : (one[at] ?? 0n) < (other[at] ?? 0n) ? -1 : 1
}
