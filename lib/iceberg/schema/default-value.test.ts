import { expect, it } from 'vitest'
import { defaultToJson, requireValidDefaults } from './default-value'
import { parseExactJson, stringifyExactJson } from '../json/exact-json'
import { schemaFromJson, schemaToJson } from './schema-json'
import type { Type } from './types'
import type { Json } from '../json/json'

const LIST: Type = { type: 'list', elementId: 2, element: 'double', elementRequired: true }
const MAP: Type = { type: 'map', keyId: 2, key: 'string', valueId: 3, value: 'float', valueRequired: true }
const STRUCT: Type = {
  type: 'struct',
  fields: [
    { id: 7, name: 'x', required: true, type: 'double' },
    { id: 8, name: 'y', required: false, type: 'int' },
  ],
}

/** The examples of the specification's appendix D, and values at the limits of their types. */
const VALID: [Type, Json][] = [
  ['boolean', true],
  ['int', 34],
  ['int', -(2 ** 31)],
  ['long', 34],
  ['long', 9_223_372_036_854_775_807n],
  ['float', 1],
  ['float', -3.4028234e38],
  ['double', 1.5],
  ['decimal(9, 2)', '14.20'],
  ['decimal(3, 0)', '-999'],
  ['date', '2017-11-16'],
  ['date', '2020-02-29'],
  ['date', '-0044-03-15'],
  ['date', '+12345-12-31'],
  ['time', '23:59'],
  ['timestamp', '+294246-12-31T23:59:59.999999'],
  ['timestamptz', '2017-11-16T22:31:08Z'],
  ['timestamp_ns', '2262-04-11T23:47:16.854775807'],
  ['time', '22:31:08.123456'],
  ['timestamp', '2017-11-16T22:31:08.123456'],
  ['timestamptz', '2017-11-16T22:31:08.123456+00:00'],
  ['timestamp_ns', '2017-11-16T22:31:08.123456789'],
  ['timestamptz_ns', '2017-11-16T22:31:08.123456789+00:00'],
  ['string', 'iceberg'],
  ['uuid', 'f79c3e09-677c-4bbd-a479-3f349cb785e7'],
  ['fixed[4]', '000102ff'],
  ['binary', '000102ff'],
  ['binary', ''],
  [STRUCT, { 7: 1, 8: 2 }],
  [STRUCT, {}],
  [LIST, [1, 2.5]],
  [MAP, { keys: ['a', 'b'], values: [1, 2] }],
]

const INVALID: [Type, Json][] = [
  ['boolean', 'true'],
  ['int', 2 ** 31],
  ['int', 1.5],
  ['long', 9_223_372_036_854_775_808n],
  ['long', 0.5],
  ['double', '1.0'],
  ['float', 1e39],
  ['float', -1e39],
  ['decimal(9, 2)', '14.2'],
  ['decimal(3, 2)', '14.20'],
  ['decimal(9, 2)', 14.2],
  ['double', 10n ** 400n],
  ['date', '16.11.2017'],
  ['date', '2020-02-30'],
  ['date', '2021-02-29'],
  ['date', '1900-02-29'],
  ['date', '2020-13-01'],
  ['date', '2020-00-10'],
  ['date', '2020-01-00'],
  ['date', '12345-01-01'],
  ['date', '+99999999-01-01'],
  ['date', 18_000],
  ['time', '25:00:00'],
  ['time', '24:00:00'],
  ['time', '12:60:00'],
  ['time', '12:00:60'],
  ['time', ''],
  ['time', 5],
  ['timestamp', '2021-13-45T25:61:61'],
  ['timestamp', '2021-02-29T12:00:00'],
  ['timestamp', '2021-02-28T24:00:00'],
  ['timestamp', '2021-02-28'],
  ['timestamp', '+294248-01-01T00:00:00'],
  ['timestamp_ns', '2262-04-11T23:47:16.854775808'],
  ['timestamp_ns', '1600-01-01T00:00:00'],
  ['timestamptz', '2021-02-30T12:00:00+00:00'],
  ['timestamptz', 'Z'],
  ['timestamptz_ns', '2021-02-28T12:61:00Z'],
  ['timestamptz_ns', '3000-01-01T00:00:00+00:00'],
  ['timestamp', '2017-11-16T22:31:08+00:00'],
  ['timestamptz', '2017-11-16T22:31:08'],
  ['timestamptz', '2017-11-16T22:31:08+01:00'],
  ['string', 7],
  ['uuid', 'f79c3e09'],
  ['fixed[4]', '000102'],
  ['binary', '0'],
  ['unknown', 'x'],
  ['variant', {}],
  ['geometry', 'POINT (30 10)'],
  ['geography(OGC:CRS84, karney)', 'POINT (30 10)'],
  [STRUCT, { 7: 'x' }],
  [STRUCT, []],
  [LIST, ['x']],
  [LIST, {}],
  [MAP, { keys: ['a'], values: [] }],
  [MAP, { keys: [1], values: [1] }],
  [MAP, { keys: ['a', 'b'], values: [1, 'x'] }],
  [MAP, { keys: ['a', 2], values: [1, 1] }],
  [MAP, 'x'],
]

it.each(VALID)('a column of %o may default to %o', (type, value) => {
  const field = { id: 1, name: 'c', required: true, type, initialDefault: value, writeDefault: value }
  expect(() => requireValidDefaults(field, 'c')).not.toThrow()
})

it.each(INVALID)('a column of %o may not default to %o', (type, value) => {
  const field = { id: 1, name: 'c', required: true, type, writeDefault: value }
  expect(() => requireValidDefaults(field, 'p.c')).toThrow(
    'The write-default of column p.c is not a valid value of its type',
  )
})

it('A decimal that is written as a number says how it is written', () => {
  const field = { id: 1, name: 'c', required: false, type: 'decimal(6, 2)' as const, writeDefault: 10.5 }
  expect(() => requireValidDefaults(field, 'c')).toThrow(/A decimal is written as text, in quotes: "10.50"/)
})

it('writes doubles so that Java reads them as doubles', () => {
  const stringifyDefault = (type: Type, value: Json) => stringifyExactJson(defaultToJson(type, value))
  expect(stringifyDefault('double', 1)).toBe('1.0')
  expect(stringifyDefault('float', -0)).toBe('-0.0')
  expect(stringifyDefault('double', 1.25)).toBe('1.25')
  expect(stringifyDefault('double', 9_007_199_254_740_993n)).toBe('9.007199254740992e+15')
  expect(stringifyDefault('long', 1)).toBe('1')
  expect(stringifyDefault(LIST, [1, 2.5])).toBe('[1.0,2.5]')
  expect(stringifyDefault(MAP, { keys: ['a'], values: [3] })).toBe('{"keys":["a"],"values":[3.0]}')
  expect(stringifyDefault(STRUCT, { 7: 1, 8: 2, 99: 3 })).toBe('{"7":1.0,"8":2,"99":3}')
  expect(stringifyDefault(LIST, 'x')).toBe('"x"')
})

it('writes a schema with defaults back unchanged', () => {
  const text =
    '{"type":"struct","schema-id":0,"fields":[{"id":1,"name":"d","required":true,"type":"double",' +
    '"initial-default":1.0,"write-default":2.0},{"id":2,"name":"l","required":false,"type":"long",' +
    '"initial-default":9007199254740993}]}'
  expect(stringifyExactJson(schemaToJson(schemaFromJson(parseExactJson(text))))).toBe(text)
})

it('reads a schema from a file even if the default of a date is invalid', () => {
  const text =
    '{"type":"struct","schema-id":0,"fields":[{"id":1,"name":"d","required":false,"type":"date",' +
    '"write-default":"2020-02-30"}]}'
  expect(schemaFromJson(parseExactJson(text)).fields[0]?.writeDefault).toBe('2020-02-30')
})
