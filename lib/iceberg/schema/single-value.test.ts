import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '@/testing/any-text'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import { fromHex, toHex } from './byte-text'
import { normalizePrimitiveType } from './primitive'
import { compareValues, decodeSingleValue, encodeSingleValue, formatValue } from './single-value'
import vectors from './single-value.vectors.json'
import type { PrimitiveType, Value } from './types'

describe('bytes', () => {
  // Type, value, bytes in hex: as PyIceberg writes them.
  it.each(vectors as [string, string, string][])('of %s %s are %s', (typeText, text, hex) => {
    const type = normalizePrimitiveType(typeText) ?? 'unknown'
    const value = valueOf(type, text)
    expect(toHex(encodeSingleValue(type, value))).toBe(hex)
    expect(decodeSingleValue(type, fromHex(hex))).toEqual(value)
  })

  it('decode to the value they were encoded from', () => {
    fc.assert(
      fc.property(arbitraryValue(), ({ type, value }) => {
        expect(decodeSingleValue(type, encodeSingleValue(type, value))).toEqual(value)
      }),
      propertyRuns(),
    )
  })

  it('from before a column’s promotion can still be read', () => {
    expect(decodeSingleValue('long', fromHex('ffffffff'))).toBe(-1n)
    expect(decodeSingleValue('double', fromHex('0000c03f'))).toBe(1.5)
    expect(decodeSingleValue('decimal(20, 2)', fromHex('058c'))).toBe(1420n)
    expect(decodeSingleValue('timestamp', fromHex('ffffffff'))).toBe(-86_400_000_000n)
    expect(decodeSingleValue('timestamp_ns', fromHex('02000000'))).toBe(172_800_000_000_000n)
  })

  it('can be read from the middle of a larger buffer', () => {
    const buffer = fromHex('ffff0700000000000000ffff')
    expect(decodeSingleValue('long', buffer.subarray(2, 10))).toBe(7n)
  })

  it.each([
    ['boolean', ''],
    ['int', '0000'],
    ['long', '000000'],
    ['timestamp', '000000'],
    ['timestamptz', '00000000'],
    // A day that the type cannot hold.
    ['timestamp_ns', 'ffffff7f'],
    ['float', '0000000000000000'],
    ['double', '00'],
    ['decimal(9, 2)', ''],
    ['decimal(9, 2)', '00'.repeat(17)],
    ['uuid', '00'],
    ['fixed[2]', '000000'],
    ['string', 'ff'],
  ] as [PrimitiveType, string][])('that are not a valid %s are refused: %s', (type, hex) => {
    expect(() => decodeSingleValue(type, fromHex(hex))).toThrow(AppError)
  })

  it('of types without a single-value form are refused', () => {
    expect(() => decodeSingleValue('variant', fromHex('00'))).toThrow('variant')
    expect(() => encodeSingleValue('unknown', 1)).toThrow(TypeError)
  })

  it.each([
    ['boolean', 1],
    ['int', 2 ** 31],
    ['int', 1.5],
    ['int', 1n],
    ['long', 1],
    ['long', 2n ** 63n],
    ['double', '1'],
    ['decimal(2, 0)', 100n],
    ['decimal(2, 0)', -100n],
    ['string', 1],
    ['uuid', 'F79C3E09-677C-4BBD-A479-3F349CB785E7'],
    ['fixed[2]', new Uint8Array(3)],
    ['binary', 'text'],
  ] as [PrimitiveType, Value][])('are not written for an invalid %s: %s', (type, value) => {
    expect(() => encodeSingleValue(type, value)).toThrow(TypeError)
  })
})

describe('order', () => {
  it.each([
    ['double', [-Infinity, -1, -0, 0, 5e-324, 1, Infinity, Number.NaN]],
    ['long', [-(2n ** 63n), -1n, 0n, 2n ** 53n, 2n ** 53n + 1n]],
    ['boolean', [false, true]],
    ['string', ['', 'A', 'a', 'aa', 'é', '\uE000', '\uFFFD', '\u{103FE}', '\u{103FF}', '💥', '💥a']],
    ['binary', ['', '00', '0000', '7f', '80', 'ff', 'ff00'].map(fromHex)],
  ] as [PrimitiveType, Value[]][])('of %s is Iceberg’s', (type, sorted) => {
    for (const [i, a] of sorted.entries()) {
      for (const [j, b] of sorted.entries()) {
        expect(Math.sign(compareValues(type, a, b))).toBe(Math.sign(i - j))
      }
    }
  })
  it('of strings is the order of their bytes', () => {
    fc.assert(
      fc.property(anyText(), anyText(), (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b))
        expect(Math.sign(compareValues('string', a, b))).toBe(bytes)
      }),
      propertyRuns(),
    )
  })
  it('is not defined between values of different kinds', () => {
    expect(() => compareValues('long', 1n, 1)).toThrow(TypeError)
  })
})

describe('text', () => {
  it.each([
    ['date', 11_503, '2001-06-30'],
    ['date', -1, '1969-12-31'],
    ['date', -719_529, '-0001-12-31'],
    ['date', 2_932_897, '+10000-01-01'],
    ['time', 81_068_000_000n, '22:31:08'],
    ['time', 81_068_500_000n, '22:31:08.500000'],
    ['timestamp', 1_510_871_468_000_001n, '2017-11-16T22:31:08.000001'],
    ['timestamp', -1n, '1969-12-31T23:59:59.999999'],
    ['timestamp', 9_223_372_036_854_775_807n, '+294247-01-10T04:00:54.775807'],
    ['timestamp', -9_223_372_036_854_775_808n, '-290308-12-21T19:59:05.224192'],
    ['timestamptz', 0n, '1970-01-01T00:00:00+00:00'],
    ['timestamp_ns', 1_510_871_468_000_000_001n, '2017-11-16T22:31:08.000000001'],
    ['timestamptz_ns', 1_000n, '1970-01-01T00:00:00.000001000+00:00'],
    ['decimal(9, 2)', 1420n, '14.20'],
    ['decimal(9, 2)', -1n, '-0.01'],
    ['decimal(9, 0)', -7n, '-7'],
    ['long', 4_951_213_507_629_824_583n, '4951213507629824583'],
    ['int', -34, '-34'],
    ['float', Math.fround(0.1), '0.1'],
    ['float', Math.fround(16_777_217), '16777216'],
    ['float', Math.fround(1.000_000_1), '1.0000001'],
    ['float', Math.fround(1 / 3), '0.33333334'],
    ['float', 2 ** -149, '1e-45'],
    ['float', -3 * 2 ** -149, '-4e-45'],
    ['float', 2 ** -126, '1.1754944e-38'],
    ['double', 0.1, '0.1'],
    ['double', -0, '-0'],
    ['boolean', true, 'true'],
    ['string', 'é', 'é'],
    ['binary', fromHex('00ff10'), 'AP8Q'],
    ['uuid', 'f79c3e09-677c-4bbd-a479-3f349cb785e7', 'f79c3e09-677c-4bbd-a479-3f349cb785e7'],
  ] as [PrimitiveType, Value, string][])('of %s %s is %s', (type, value, text) => {
    expect(formatValue(type, value)).toBe(text)
  })
  it('of dates agrees with Date over its whole range', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (days) => {
        expect(formatValue('date', days)).toBe(new Date(days * 86_400_000).toISOString().slice(0, 10))
      }),
      propertyRuns(),
    )
  })
})

/** Parses a value of the vectors: numbers as text, bytes in hex, decimals unscaled. */
function valueOf(type: PrimitiveType, text: string): Value {
  if (type === 'boolean') return text === 'true'
  if (type === 'string' || type === 'uuid') return text
  if (type === 'binary' || type.startsWith('fixed')) return fromHex(text)
  return type === 'int' || type === 'date' || type === 'float' || type === 'double' ? Number(text) : BigInt(text)
}

function arbitraryValue(): fc.Arbitrary<{ type: PrimitiveType; value: Value }> {
  const valuesOf = (type: PrimitiveType, values: fc.Arbitrary<Value>) => values.map((value) => ({ type, value }))
  const bits64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  const limit = 10n ** 38n - 1n
  return fc.oneof(
    valuesOf('boolean', fc.boolean()),
    valuesOf('int', fc.integer()),
    valuesOf('date', fc.integer()),
    valuesOf('long', bits64),
    valuesOf('timestamp_ns', bits64),
    valuesOf('float', fc.float()),
    valuesOf('double', fc.double()),
    valuesOf('decimal(38, 10)', fc.bigInt({ min: -limit, max: limit })),
    valuesOf('string', anyText()),
    valuesOf('uuid', fc.uuid()),
    valuesOf('fixed[7]', fc.uint8Array({ minLength: 7, maxLength: 7 })),
    valuesOf('binary', fc.uint8Array()),
  )
}
