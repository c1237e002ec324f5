import { describe, expect, test } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import { hasInstants, toMapEntry, lineParts, lineText, valueJson, valueText } from './value-text'

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
    expect(valueText(type, value, 'UTC')).toBe(text)
  })
})

describe('a nested value on one line', () => {
  test('names the fields of a struct at the top, and shows the rest in brackets', () => {
    expect(lineText(LEG, ['N121UA', [28, null]], 'UTC')).toBe('tail "N121UA", taxi {out 28, in null}')
    expect(lineText(GATES, [1234n, null], 'UTC')).toBe('[12.34, null]')
    expect(
      lineText(
        TAGS,
        [
          ['a', 1n],
          ['b', null],
        ],
        'UTC',
      ),
    ).toBe('{"a": 1, "b": null}')
    expect(lineText(GATES, [], 'UTC')).toBe('[]')
  })

  test('quotes text, so that its commas and line breaks cannot be mistaken', () => {
    const names: Type = { ...GATES, element: 'string' }
    expect(lineText(names, ['B14, B16', 'null', null, 'a\nb'], 'UTC')).toBe('["B14, B16", "null", null, "a\\nb"]')
    expect(lineText(names, ['x'.repeat(5_000_000)], 'UTC')).toHaveLength(401)
  })

  test('separates the names of fields from their values', () => {
    expect(lineParts(LEG, ['N121UA', [28, 12]], 'UTC')).toEqual([
      { text: 'tail ', isQuiet: true },
      { text: '"N121UA", ', isQuiet: false },
      { text: 'taxi ', isQuiet: true },
      { text: '{', isQuiet: false },
      { text: 'out ', isQuiet: true },
      { text: '28, ', isQuiet: false },
      { text: 'in ', isQuiet: true },
      { text: '12}', isQuiet: false },
    ])
  })

  test('names the fields of structs in lists and in other structs', () => {
    expect(lineText(LEG, ['N121UA', [28, null]], 'UTC')).toMatch(/^tail "N121UA", taxi \{\w+ 28, \w+ null\}$/)
    const legs: Type = { type: 'list', elementId: 9, element: LEG, elementRequired: false }
    expect(lineText(legs, [['N121UA', null]], 'UTC')).toBe('[{tail "N121UA", taxi null}]')
    expect(lineParts(legs, [['N121UA', null]], 'UTC')[1]).toEqual({ text: 'tail ', isQuiet: true })
  })

  test('is truncated when it is long, without formatting the rest', () => {
    const line = lineText(
      GATES,
      Array.from({ length: 100_000 }, () => 100n),
      'UTC',
    )
    expect(line).toHaveLength(401)
    expect(line.endsWith('…')).toBe(true)
    expect(lineText('string', 'x'.repeat(1000), 'UTC')).toBe(`${'x'.repeat(400)}…`)
  })
})

describe('a value as JSON', () => {
  test('keeps all digits', () => {
    expect(valueJson('long', 9223372036854775807n, 'UTC')).toBe('9223372036854775807')
    expect(valueJson('decimal(4, 2)', 1234n, 'UTC')).toBe('12.34')
    expect(valueJson('double', Number.NaN, 'UTC')).toBe('"NaN"')
    expect(valueJson('boolean', true, 'UTC')).toBe('true')
    expect(valueJson('string', null, 'UTC')).toBe('null')
    expect(valueJson('string', '12', 'UTC')).toBe('"12"')
  })

  test('is an object for a struct and for a map of text, a list of pairs for any other map', () => {
    expect(JSON.parse(valueJson(LEG, ['a "quoted" name', [1, 2]], 'UTC'))).toEqual({
      tail: 'a "quoted" name',
      taxi: { out: 1, in: 2 },
    })
    expect(valueJson(TAGS, [['__proto__', 1n]], 'UTC')).toBe('{"__proto__": 1}')
    expect(valueJson(BY_NUMBER, [[1, 2n]], 'UTC')).toBe('[{"key": 1, "value": 2}]')
    expect(valueJson(GATES, [100n, null], 'UTC')).toBe('[1.00, null]')
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
  expect(valueJson(struct, value, 'UTC')).toBe('{"v": {"id":9007199254740993}, "g": "POINT (1 2)"}')
  expect(lineText(struct, value, 'UTC')).toBe('v {"id":9007199254740993}, g "POINT (1 2)"')
  expect(valueText('variant', '{"a":1}', 'UTC')).toBe('{"a":1}')
})

describe('an instant is shown with the offset of the reader’s zone', () => {
  const LOG: Type = {
    type: 'struct',
    fields: [
      { id: 1, name: 'at', required: false, type: 'timestamptz' },
      { id: 2, name: 'all', required: false, type: { ...GATES, element: 'timestamptz_ns' } },
      { id: 3, name: 'by', required: false, type: { ...TAGS, key: 'timestamptz', value: 'timestamp' } },
    ],
  }
  const MICROS = 1_704_092_400_000_000n
  const value = [MICROS, [MICROS * 1000n + 1n], [[MICROS, MICROS]]]

  test('of microseconds and nanoseconds, exactly', () => {
    expect(valueText('timestamptz', MICROS, 'Europe/Berlin')).toBe('2024-01-01 08:00:00+01:00')
    expect(valueText('timestamptz_ns', MICROS * 1000n + 1n, 'America/New_York')).toBe(
      '2024-01-01 02:00:00.000000001-05:00',
    )
    expect(valueText('timestamp', MICROS, 'Europe/Berlin')).toBe('2024-01-01 07:00:00')
  })

  test('within structs, lists and maps', () => {
    expect(lineText(LOG, value, 'Europe/Berlin')).toBe(
      'at 2024-01-01 08:00:00+01:00, all [2024-01-01 08:00:00.000000001+01:00], by {2024-01-01 08:00:00+01:00: 2024-01-01 07:00:00}',
    )
    expect(JSON.parse(valueJson(LOG, value, 'Europe/Berlin'))).toEqual({
      at: '2024-01-01 08:00:00+01:00',
      all: ['2024-01-01 08:00:00.000000001+01:00'],
      by: [{ key: '2024-01-01 08:00:00+01:00', value: '2024-01-01 07:00:00' }],
    })
    expect([LOG, GATES, 'timestamptz_ns' as const, TAGS].map(hasInstants)).toEqual([true, false, true, false])
  })
})
