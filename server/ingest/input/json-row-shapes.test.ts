import { describe, expect, it } from 'vitest'
import type { Schema } from '@/lib/iceberg/schema/types'
import { column } from '@/testing/ingest/test-staging'
import { writeDefaultText } from '../cast/json-column'
import { JsonRowShapes } from './json-row-shapes'

const schema: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    column(1, 'id', 'long'),
    column(2, 'a "name".*', 'string'),
    column(3, 'price', 'decimal(38, 18)'),
    column(4, 'x', 'double'),
    column(5, 'ok', 'boolean'),
    column(6, 'tags', { type: 'list', elementId: 7, element: 'int', elementRequired: false }),
  ],
}
const NAME = JSON.stringify('a "name".*')

/** Shapes that were learned from rows with these keys. */
function shapes(...rows: readonly (readonly string[])[]): JsonRowShapes {
  const known = new JsonRowShapes(
    schema.fields.map((field) => ({ key: field.name, type: field.type, absent: writeDefaultText(field) })),
  )
  for (const keys of rows) known.addShape(keys)
  return known
}

describe('A row of a known shape', () => {
  const known = shapes(['id', 'a "name".*', 'price', 'x', 'ok'], ['x', 'other', 'tags'])

  it('is read as it is written, whatever its digits', () => {
    expect(
      known.read(`{"id":9007199254740993,${NAME}:"é, 'x'","price":0.123456789012345670,"x":-1.5e-3,"ok":true}`),
    ).toEqual(['9007199254740993', "é, 'x'", '0.123456789012345670', '-1.5e-3', 'true', null])
    expect(known.read(` { "id" : null , ${NAME} : "" , "price" : -7, "x":0, "ok": false } \r`)).toEqual([
      null,
      '',
      '-7',
      '0',
      'false',
      null,
    ])
    for (const other of ['1', '"a"', 'true', 'null', '-0.5E+2']) {
      expect(known.read(`{"x":1.0,"other":${other},"tags":null}`)).toEqual([null, null, null, '1.0', null, null])
    }
  })

  it.each([
    ['a key twice', '{"x":1,"other":1,"tags":null,"x":2}'],
    ['keys in another order', '{"other":1,"x":1,"tags":null}'],
    ['a key less', '{"x":1,"other":1}'],
    ['a nested value', '{"x":1,"other":1,"tags":[1]}'],
    ['an object in an unused key', '{"x":1,"other":{},"tags":null}'],
    ['a number in a string', '{"x":"1","other":1,"tags":null}'],
    ['an invalid string', '{"x":1,"other":"a\nb","tags":null}'],
    ['an escape', '{"x":1,"other":"a\\u0041","tags":null}'],
    ['leading zeros', '{"x":01,"other":1,"tags":null}'],
    ['a sign', '{"x":+1,"other":1,"tags":null}'],
    ['NaN', '{"x":NaN,"other":1,"tags":null}'],
    ['a point without digits', '{"x":1.,"other":1,"tags":null}'],
    ['a comma at its end', '{"x":1,"other":1,"tags":null,}'],
    ['more after it', '{"x":1,"other":1,"tags":null} 1'],
    ['an exponent in a whole number', `{"id":1e3,${NAME}:"","price":1,"x":1,"ok":true}`],
    ['a whole number with decimals', `{"id":1.0,${NAME}:"","price":1,"x":1,"ok":true}`],
    ['an exponent in a decimal', `{"id":1,${NAME}:"","price":1e2,"x":1,"ok":true}`],
    ['a word for a string', `{"id":1,${NAME}:true,"price":1,"x":1,"ok":true}`],
    ['a string for a word', `{"id":1,${NAME}:"","price":1,"x":1,"ok":"true"}`],
    ['a very long text', `{"x":1,"other":"${'a'.repeat(70_000)}","tags":null}`],
  ])('with %s goes through the slow path', (_what, text) => {
    expect(known.read(text)).toBeNull()
  })
})

it('Only a few shapes are cached', () => {
  const known = shapes(...Array.from({ length: 20 }, (_, i) => [`k${i}`]))
  expect(known.read('{"k7":1}')).toEqual([null, null, null, null, null, null])
  expect(known.read('{"k8":1}')).toBeNull()
})

describe('A key that an expression names', () => {
  it('is read as plain text, also when it fills a column', () => {
    const known = new JsonRowShapes([
      { key: 'id', type: 'long', absent: null },
      { key: 's', type: 'string', absent: null },
      { key: 'id', type: null, absent: null },
      { key: 's', type: null, absent: null },
      { key: 'x', type: null, absent: null },
      { key: 'y', type: null, absent: null },
    ])
    known.addShape(['id', 's', 'x'])
    expect(known.read('{"id":1,"s":"\u00e9","x":"a\'b"}')).toEqual(['1', 'é', '1', 'é', "a'b", null])
    expect(known.read('{"id":1,"s":"","x":-1.50e3}')).toEqual(['1', '', '1', '', '-1.50e3', null])
    expect(known.read('{"id":null,"s":null,"x":true}')).toEqual([null, null, null, null, 'true', null])
    expect(known.read('{"id":1,"s":"","x":""}')).toEqual(['1', '', '1', '', '', null])
    expect(known.read('{"id":1,"s":"","x":[1]}')).toBeNull()
    expect(known.read('{"id":1,"s":"","x":"\\n"}')).toBeNull()
  })
})
