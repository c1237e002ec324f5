import { describe, expect, test } from 'vitest'
import { DamagedParquet, OversizedParquet } from '@/lib/parquet/errors'
import { createRandom } from '@/testing/seeded-random'
import { readVariantMetadata, variantFields, variantJson } from './variant-json'

const EMPTY = bytes('01 00 00')
/** The names a, b, c. */
const NAMES = bytes('01 03 00 01 02 03 61 62 63')
const UNLIMITED = { reserveChars: () => undefined }

describe('a variant as JSON', () => {
  test.each([
    ['00', 'null'],
    ['04', 'true'],
    ['08', 'false'],
    ['0c ff', '-1'],
    ['10 d2 04', '1234'],
    ['14 00 00 00 80', '-2147483648'],
    ['18 ff ff ff ff ff ff ff 7f', '9223372036854775807'],
    ['1c 00 00 00 00 00 00 f0 3f', '1.0'],
    ['1c 00 00 00 00 00 00 00 80', '-0.0'],
    ['1c 00 00 00 00 00 00 f8 7f', '"NaN"'],
    ['1c 00 00 00 00 00 00 f0 ff', '"-Infinity"'],
    ['1c 00 00 00 00 00 00 f0 43', '1.8446744073709552e+19'],
    ['20 02 d2 04 00 00', '12.34'],
    ['20 00 ff ff ff ff', '-1'],
    ['24 09 15 cd 5b 07 00 00 00 00', '0.123456789'],
    ['28 26 ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff', `-0.${'0'.repeat(37)}1`],
    ['2c 9b 4e 00 00', '"2025-02-04"'],
    ['30 00 00 00 00 00 00 00 00', '"1970-01-01T00:00:00+00:00"'],
    ['34 01 00 00 00 00 00 00 00', '"1970-01-01T00:00:00.000001"'],
    ['38 cd cc cc 3d', '0.1'],
    ['3c 03 00 00 00 01 02 ff', '"AQL/"'],
    ['40 02 00 00 00 c3 a9', '"é"'],
    ['44 40 42 0f 00 00 00 00 00', '"00:00:01"'],
    ['48 ff ff ff ff ff ff ff ff', '"1969-12-31T23:59:59.999999999+00:00"'],
    ['4c 01 00 00 00 00 00 00 00', '"1970-01-01T00:00:00.000000001"'],
    ['50 f2 4f 9b 64 81 fa 49 d1 b7 4e 8c 09 a6 e3 1c 56', '"f24f9b64-81fa-49d1-b74e-8c09a6e31c56"'],
    ['05 22', '"\\""'],
    ['01', '""'],
    // An array of two, an empty one, and one with four-byte counts and offsets.
    ['03 02 00 02 04 0c 01 0c 02', '[1,2]'],
    ['03 00 00', '[]'],
    ['1f 01 00 00 00 00 00 00 00 01 00 00 00 00', '[null]'],
    // The values of an object may be in another order than its fields.
    ['02 02 00 01 02 00 04 0c 01 0c 02', '{"a":2,"b":1}'],
    ['02 00 00', '{}'],
  ])('%s is %s', (hex, json) => {
    expect(variantJson(readVariantMetadata(NAMES), bytes(hex), UNLIMITED)).toBe(json)
  })

  test('the fields of an object are listed for a partially shredded one', () => {
    const metadata = readVariantMetadata(NAMES)
    expect(variantFields(metadata, bytes('02 01 02 00 02 0c 07'), UNLIMITED)).toEqual([['c', '7']])
    expect(variantFields(metadata, bytes('00'), UNLIMITED)).toBeNull()
  })
})

describe('what is not a variant is damaged', () => {
  test.each([
    ['an unknown version', '02 00 00', '00'],
    ['metadata that ends early', '01 05 00', '00'],
    ['no value', '01 00 00', ''],
    ['a type of a later version', '01 00 00', '54'],
    ['a number that ends early', '01 00 00', '18 00'],
    ['a string that ends early', '01 00 00', '40 ff ff ff ff 41'],
    ['a string that is not UTF-8', '01 00 00', '05 ff'],
    ['a field that has no name', '01 00 00', '02 01 00 00 01 00'],
    ['two fields of one name', '01 02 00 01 02 61 61', '02 02 00 01 00 01 02 00 00'],
    ['more items than there are bytes', '01 00 00', '13 ff ff ff ff 00'],
    ['an item behind the end of its array', '01 00 00', '03 01 05 01 00'],
    ['a time that is not within a day', '01 00 00', '44 ff ff ff ff ff ff ff ff'],
    ['a scale beyond 38', '01 00 00', '20 27 00 00 00 00'],
  ])('%s', (_, metadata, value) => {
    expect(() => variantJson(readVariantMetadata(bytes(metadata)), bytes(value), UNLIMITED)).toThrow(DamagedParquet)
  })

  test('arrays in arrays beyond a limit are too large', () => {
    let value = bytes('00')
    for (let i = 0; i < 201; i++) {
      const length = Uint8Array.of(value.length & 255, value.length >> 8)
      value = Uint8Array.of(0x07, 1, 0, 0, ...length, ...value)
    }
    expect(() => variantJson(readVariantMetadata(EMPTY), value, UNLIMITED)).toThrow(OversizedParquet)
  })

  test('arrays whose items are all the same bytes do not expand without limit', () => {
    // Each level has the level below it 16 times.
    let value = bytes('00')
    for (let i = 0; i < 12; i++) {
      value = Uint8Array.of(0x07, 16, ...new Array<number>(32).fill(0), value.length & 255, value.length >> 8, ...value)
    }
    let remaining = 1_000_000
    const reserveChars = (count: number) => {
      remaining -= count
      if (remaining < 0) throw new OversizedParquet('too long')
    }
    expect(() => variantJson(readVariantMetadata(EMPTY), value, { reserveChars })).toThrow(OversizedParquet)
  })
})

test('Any bytes are JSON or a clear error', () => {
  const random = createRandom(20260214)
  const seeds = [
    '02 02 00 01 02 00 04 0c 01 0c 02',
    '03 02 00 02 04 0c 01 0c 02',
    '40 02 00 00 00 c3 a9',
    '1f 01 00 00 00',
  ]
  let parsedCount = 0
  for (let round = 0; round < 20_000; round++) {
    const value = bytes(seeds[round % seeds.length] ?? '')
    const metadata = NAMES.slice()
    for (let i = 0; i < 1 + (round % 3); i++) value[random(value.length)] = random(256)
    if (round % 5 === 0) metadata[random(metadata.length)] = random(256)
    try {
      const json = variantJson(readVariantMetadata(metadata), value, UNLIMITED)
      JSON.parse(json)
      parsedCount += 1
    } catch (error) {
      if (!(error instanceof DamagedParquet)) throw error
    }
  }
  expect(parsedCount).toBeGreaterThan(1000)
})

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(' ').filter(Boolean), (byte) => Number.parseInt(byte, 16))
}
