import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { type ReadValue, toReadValue } from './read-value'

let fieldId = 0
const field = (name: string, type: Type): NestedField => ({ id: (fieldId += 1), name, required: false, type })
const list = (element: Type): Type => ({ type: 'list', elementId: (fieldId += 1), element, elementRequired: false })
const map = (key: Type, value: Type): Type => ({
  type: 'map',
  keyId: (fieldId += 1),
  key,
  valueId: (fieldId += 1),
  value,
  valueRequired: false,
})
const struct = (...fields: NestedField[]): Type => ({ type: 'struct', fields })

/** Types of every kind within each other. */
export const NESTED_COLUMNS: readonly NestedField[] = [
  field('id', 'int'),
  field(
    'point',
    struct(
      field('x', 'long'),
      field('name', 'string'),
      field('price', 'decimal(38, 10)'),
      field('at', 'timestamptz'),
      field('inner', struct(field('day', 'date'), field('flag', 'boolean'))),
    ),
  ),
  field('words', list('string')),
  field('ratios', list('double')),
  field('prices', map('string', 'decimal(9, 2)')),
  field('items', list(struct(field('sku', 'string'), field('local', 'timestamp'), field('tags', list('string'))))),
  field('places', map('long', struct(field('words', list('float')), field('token', 'uuid')))),
]

/** Nulls at each level, empty lists and maps, and the first and last values of types. */
export const NESTED_LINES: readonly string[] = [
  `{"id":0,"point":{"x":9223372036854775807,"name":"😀 \\"é\\"","price":"9999999999999999999999999999.9999999999",
    "at":"2024-02-29T12:34:56.123456Z","inner":{"day":"2024-02-29","flag":true}},
    "words":["a","","null","it's"],"ratios":[0.1,-0.0,5e-324,"NaN","-Infinity"],"prices":{"":"0.01","b":"-9999999.99"},
    "items":[{"sku":"s","local":"2024-02-29T12:34:56.123456","tags":["x","y"]}],
    "places":{"9223372036854775807":{"words":[1.5,-0.0],"token":"f79c3e09-677c-4bbd-a479-3f349cb785e7"}}}`,
  `{"id":1,"point":null,"words":null,"ratios":null,"prices":null,"items":null,"places":null}`,
  `{"id":2,"point":{"x":null,"name":null,"price":null,"at":null,"inner":null},
    "words":[],"ratios":[],"prices":{},"items":[],"places":{}}`,
  `{"id":3,"point":{"x":-9223372036854775808,"name":"","price":"-0.0000000001","at":"0001-01-01T00:00:00Z",
    "inner":{"day":null,"flag":null}},"words":[null],"ratios":[null,1.7976931348623157e308],"prices":{"only":null},
    "items":[null],"places":{"-1":null}}`,
  `{"id":4,"point":{"x":0,"name":"\\u0001\\n","price":"0","at":"9999-12-31T23:59:59.999999Z",
    "inner":{"day":"9999-12-31","flag":false}},"words":["x",null,"y"],"ratios":["Infinity"],"prices":{"a":"1.10","b":null},
    "items":[{"sku":null,"local":null,"tags":null},{"sku":"","local":"1969-12-31T23:59:59.999999","tags":[]}],
    "places":{"0":{"words":null,"token":null},"1":{"words":[],"token":"00000000-0000-0000-0000-000000000000"}}}`,
  `{"id":5,"point":{"x":1,"name":"z","price":"1","at":null,"inner":{"day":"0001-01-01","flag":null}},"words":["last"],
    "ratios":[1],"prices":{"z":"0"},"items":[{"sku":"t","local":"0001-01-01T00:00:00","tags":[null,"z"]},null],
    "places":{"2":{"words":[null],"token":null}}}`,
].map((line) => line.replaceAll(/\n */g, ''))

export const NANO_TYPES = ['timestamp_ns', 'timestamptz_ns'] as const

/** Nanoseconds, also in a list if a load reads those of the format. Format version 3 has them. */
export function nanoColumns(type: (typeof NANO_TYPES)[number], format: 'ndjson' | 'parquet'): NestedField[] {
  const times = { type: 'list', elementId: 4, element: type, elementRequired: false } as const
  return [
    { id: 1, name: 'id', required: false, type: 'int' },
    { id: 2, name: 'at', required: false, type },
    ...(format === 'parquet' && type === 'timestamptz_ns'
      ? []
      : [{ id: 3, name: 'times', required: false, type: times }]),
  ]
}

/** Times before and after 1970, with and without parts of a microsecond. */
export const NANO_TEXTS: readonly (string | null)[] = [
  '2024-02-29T12:34:56.123456789',
  '1969-12-31T23:59:59.999999999',
  null,
  '1677-09-22T00:00:00.000000001',
  '2262-04-11T23:47:16.854775806',
  '1970-01-01T00:00:00.000000001',
  '1900-02-28T23:59:59',
]
/** The ends of their range. */
export const NANO_ENDS: readonly string[] = ['1677-09-21T00:12:43.145224192', '2262-04-11T23:47:16.854775807']

export function nanoLines(type: (typeof NANO_TYPES)[number], texts: readonly (string | null)[]): string[] {
  const zone = type === 'timestamptz_ns' ? 'Z' : ''
  return texts.map((text, id) => {
    const times = id === 2 ? null : [`1969-12-31T00:00:00.000000007${zone}`, null].slice(id % 3)
    return JSON.stringify({ id, at: text === null ? null : text + zone, times })
  })
}

/** The rows as readers have to return them. */
export function toReadLines(columns: readonly NestedField[], lines: readonly string[]): ReadValue[][] {
  return lines.map((line) => {
    const row = parseExactJson(line) as JsonObject
    return columns.map(({ name, type }) => toReadValue(type, row[name] ?? null))
  })
}
