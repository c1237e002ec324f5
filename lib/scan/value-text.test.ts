import { describe, expect, test } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import { toMapEntry, lineParts, lineText, valueJson, valueText } from './value-text'

const LEG: Type = {
  type: 'struct',
  fields: [
    { id: 1, name: 'tail', required: false, type: 'string' },
    {
      id: 2,
      name: 'taxi',
      required: false,
      type: {
        type: 'struct',
        fields: [
          { id: 3, name: 'out', required: false, type: 'int' },
          { id: 4, name: 'in', required: false, type: 'int' },
        ],
      },
    },
  ],
}
const GATES: Type = { type: 'list', elementId: 5, element: 'decimal(4, 2)', elementRequired: false }
const TAGS: Type = { type: 'map', keyId: 6, key: 'string', valueId: 7, value: 'long', valueRequired: false }
const BY_NUMBER: Type = { ...TAGS, key: 'int' }

describe('a value is shown exactly and never localized', () => {
  test.each([
    ['long', 9223372036854775807n, '9223372036854775807'],
    ['decimal(38, 4)', -1234567890123456789012345678901234n, '-123456789012345678901234567890.1234'],
    ['timestamp', 983869380000000n, '2001-03-06 09:03:00'],
    ['timestamp', 983869380000001n, '2001-03-06 09:03:00.000001'],
    ['timestamptz', 983869380000000n, '2001-03-06 09:03:00+00:00'],
    ['timestamp_ns', 1n, '1970-01-01 00:00:00.000000001'],
    ['date', -719162, '0001-01-01'],
    ['time', 86399999999n, '23:59:59.999999'],
    ['double', Number.NaN, 'NaN'],
    ['double', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['float', -0, '-0'],
    ['boolean', false, 'false'],
    ['binary', Uint8Array.of(0, 255), '0x00ff'],
    ['string', Uint8Array.of(0xe9), '0xe9'],
  ] as const)('%s', (type, value, text) => {
    expect(valueText(type, value)).toBe(text)
  })
})

describe('a nested value on one line', () => {
  test('names the fields of a struct at the top, and shows the rest in brackets', () => {
    expect(lineText(LEG, ['N121UA', [28, null]])).toBe('tail "N121UA", taxi {28, null}')
    expect(lineText(GATES, [1234n, null])).toBe('[12.34, null]')
    expect(
      lineText(TAGS, [
        ['a', 1n],
        ['b', null],
      ]),
    ).toBe('{"a": 1, "b": null}')
    expect(lineText(GATES, [])).toBe('[]')
  })

  test('quotes text, so that its commas and line breaks cannot be mistaken', () => {
    const names: Type = { ...GATES, element: 'string' }
    expect(lineText(names, ['B14, B16', 'null', null, 'a\nb'])).toBe('["B14, B16", "null", null, "a\\nb"]')
    expect(lineText(names, ['x'.repeat(5_000_000)])).toHaveLength(401)
  })

  test('separates the names of fields from their values', () => {
    expect(lineParts(LEG, ['N121UA', [28, 12]])).toEqual([
      { text: 'tail ', isQuiet: true },
      { text: '"N121UA", ', isQuiet: false },
      { text: 'taxi ', isQuiet: true },
      { text: '{28, 12}', isQuiet: false },
    ])
  })

  test('is truncated when it is long, without formatting the rest', () => {
    const line = lineText(
      GATES,
      Array.from({ length: 100_000 }, () => 100n),
    )
    expect(line).toHaveLength(401)
    expect(line.endsWith('…')).toBe(true)
    expect(lineText('string', 'x'.repeat(1000))).toBe(`${'x'.repeat(400)}…`)
  })
})

describe('a value as JSON', () => {
  test('keeps all digits', () => {
    expect(valueJson('long', 9223372036854775807n)).toBe('9223372036854775807')
    expect(valueJson('decimal(4, 2)', 1234n)).toBe('12.34')
    expect(valueJson('double', Number.NaN)).toBe('"NaN"')
    expect(valueJson('boolean', true)).toBe('true')
    expect(valueJson('string', null)).toBe('null')
    expect(valueJson('string', '12')).toBe('"12"')
  })

  test('is an object for a struct and for a map of text, a list of pairs for any other map', () => {
    expect(JSON.parse(valueJson(LEG, ['a "quoted" name', [1, 2]]))).toEqual({
      tail: 'a "quoted" name',
      taxi: { out: 1, in: 2 },
    })
    expect(valueJson(TAGS, [['__proto__', 1n]])).toBe('{"__proto__": 1}')
    expect(valueJson(BY_NUMBER, [[1, 2n]])).toBe('[{"key": 1, "value": 2}]')
    expect(valueJson(GATES, [100n, null])).toBe('[1.00, null]')
  })

  test('an invalid entry has neither key nor value', () => {
    expect(toMapEntry(null)).toEqual([null, null])
  })
})

test('A variant is copied as the JSON that it is, and a geometry has quotes inside of other values', () => {
  const struct: Type = {
    type: 'struct',
    fields: [
      { id: 2, name: 'v', required: false, type: 'variant' },
      { id: 3, name: 'g', required: false, type: 'geometry' },
    ],
  }
  const value = ['{"id":9007199254740993}', 'POINT (1 2)']
  expect(valueJson(struct, value)).toBe('{"v": {"id":9007199254740993}, "g": "POINT (1 2)"}')
  expect(lineText(struct, value)).toBe('v {"id":9007199254740993}, g "POINT (1 2)"')
  expect(valueText('variant', '{"a":1}')).toBe('{"a":1}')
})
