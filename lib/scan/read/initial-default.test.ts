import { describe, expect, test } from 'vitest'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { initialDefaultOf } from './initial-default'

const field = (id: number, name: string, type: Type, defaultJson?: string): NestedField => ({
  id,
  name,
  type,
  required: false,
  ...(defaultJson !== undefined && { initialDefault: parseExactJson(defaultJson) }),
})
const point: Type = {
  type: 'struct',
  fields: [field(2, 'x', 'long', '9007199254740993'), field(3, 'y', 'long')],
}
const list: Type = { type: 'list', elementId: 2, element: 'int', elementRequired: false }
const map: Type = { type: 'map', keyId: 2, key: 'string', valueId: 3, value: 'int', valueRequired: false }

describe('The initial default of a column', () => {
  test.each<[string, Type, string, unknown]>([
    ['keeps all digits of a long', 'long', '9223372036854775807', 9223372036854775807n],
    ['of a struct has the defaults of its fields', point, '{}', [9007199254740993n, null]],
    ['of a struct replaces the defaults of its fields by their ids', point, '{"2": 1, "3": 2}', [1n, 2n]],
    ['of a list has its items, null too', list, '[1, null]', [1, null]],
    [
      'of a map has pairs in order',
      map,
      '{"keys": ["b", "a"], "values": [1, null]}',
      [
        ['b', 1],
        ['a', null],
      ],
    ],
  ])('%s', (_title, type, json, expected) => {
    expect(initialDefaultOf(field(1, 'c', type, json))).toEqual(expected)
  })

  test('is null where the column has none, or null', () => {
    expect(initialDefaultOf(field(1, 'c', point))).toBeNull()
    expect(initialDefaultOf(field(1, 'c', 'int', 'null'))).toBeNull()
  })

  test.each<[string, Type, string]>([
    ['a text for a number', 'int', '"one"'],
    ['a list for a struct', point, '[1]'],
    ['an object for a list', list, '{}'],
    ['a text in a list of numbers', list, '[1, "two"]'],
    ['a list for a map', map, '[]'],
    ['a map with fewer values than keys', map, '{"keys": ["a", "b"], "values": [1]}'],
    ['a map without values', map, '{"keys": ["a"]}'],
    ['a text in a number of a struct', point, '{"2": "x"}'],
  ])('is refused when it is %s', (_title, type, json) => {
    const error = catchAppError(() => initialDefaultOf(field(1, 'c', type, json)))
    expect(error.code).toBe('file-damaged')
    expect(error.message).toContain('default')
  })
})
