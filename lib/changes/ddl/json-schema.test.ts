import { describe, expect, it } from 'vitest'
import { parseTableText } from './parse-table-text'

const parse = (schema: object) =>
  parseTableText(JSON.stringify(schema), 'JSON', () => ({ value: null, lineOf: () => null }))
const columnOf = (property: object, more: object = {}) =>
  parse({ type: 'object', properties: { a: property }, ...more }).declaration.columns?.[0]

describe('A JSON Schema', () => {
  it('declares columns, as a library of models writes them', () => {
    const { name, declaration, notes } = parse({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Leg',
      $defs: {
        Gate: {
          type: 'object',
          properties: { code: { type: 'string', pattern: '^[A-Z]+$' }, open: { type: 'boolean', default: true } },
          required: ['code'],
        },
      },
      type: 'object',
      properties: {
        id: { type: 'integer', description: 'of the leg', minimum: 0 },
        at: { type: 'string', format: 'date-time' },
        day: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
        distance: { type: ['number', 'null'] },
        state: { enum: ['open', 'closed'] },
        gates: { type: 'array', items: { $ref: '#/$defs/Gate' } },
        tags: { type: 'object', additionalProperties: { type: ['integer', 'null'], format: 'int32' } },
        mail: { type: 'string', format: 'email' },
        image: { type: 'string', contentEncoding: 'base64' },
      },
      required: ['id', 'at', 'distance'],
      additionalProperties: false,
    })
    expect(name).toBeNull()
    expect(declaration.columns).toEqual([
      { name: 'id', type: 'long', required: true, doc: 'of the leg' },
      { name: 'at', type: 'timestamptz', required: true },
      { name: 'day', type: 'date' },
      // It must be there, and may be null.
      { name: 'distance', type: 'double' },
      { name: 'state', type: 'string' },
      {
        name: 'gates',
        type: {
          list: {
            struct: [
              { name: 'code', type: 'string', required: true },
              { name: 'open', type: 'boolean' },
            ],
          },
          required: true,
        },
      },
      { name: 'tags', type: { map: { key: 'string', value: 'int' } } },
      { name: 'mail', type: 'string' },
      { name: 'image', type: 'binary' },
    ])
    expect(notes).toEqual([
      'Not kept, because a table does not check its values: default, format email, minimum, pattern.',
    ])
  })

  it.each([
    [{ type: 'string', format: 'uuid' }, 'uuid'],
    [{ type: 'string', format: 'time' }, 'time'],
    [{ type: 'number', format: 'float' }, 'float'],
    [{ type: 'boolean' }, 'boolean'],
    [{ const: 7 }, 'long'],
    [{ enum: [true, null] }, 'boolean'],
    [{ oneOf: [{ type: 'integer' }] }, 'long'],
  ])('has the type of %j', (property, type) => {
    expect(columnOf(property)).toEqual({ name: 'a', type })
  })

  it.each([
    [{}, 'a says nothing of its type.'],
    [{ type: ['string', 'integer'] }, 'a is string or integer, and a column has one type.'],
    [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, 'a has a choice of types, and a column has one.'],
    [{ allOf: [{ type: 'string' }] }, 'a says nothing of its type.'],
    [{ enum: [1, 2.5, null] }, 'a is integer or number, and a column has one type.'],
    [{ type: 'array' }, 'a.[] says nothing of its type.'],
    [{ type: 'array', items: [{ type: 'string' }] }, 'a.[] says nothing of its type.'],
    [{ type: 'object' }, 'a is an object, and it is not said of which properties.'],
    [{ type: 'file' }, 'a has the type file, which JSON Schema does not know.'],
    [{ $ref: 'https://example.com/a.json' }, 'a refers to another document, which is not read.'],
    [{ $ref: '#/$defs/gone' }, 'a refers to #/$defs/gone, which is not there.'],
    [{ $ref: '#/$defs/%' }, 'a refers to #/$defs/%, which is not there.'],
    [{ $ref: '#/toString' }, 'a refers to #/toString, which is not there.'],
    [{ $ref: '#' }, 'a.a contains itself, and so has no end.'],
  ])('is refused with %j', (property, message) => {
    expect(() => columnOf(property)).toThrow(message)
  })

  it('is refused when its types have no end, or it is not an object', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } }
    expect(() => columnOf({ $ref: '#/$defs/node' }, { $defs: { node } })).toThrow('a.next contains itself')
    let deep: object = { type: 'string' }
    for (let i = 0; i < 200; i += 1) deep = { type: 'array', items: deep }
    expect(() => columnOf(deep)).toThrow('The JSON Schema is nested more than 100 deep.')
    expect(() => parse({ $schema: 'https://json-schema.org/draft-07/schema#', type: 'string' })).toThrow(
      'The JSON Schema is not an object with properties.',
    )
  })
})
