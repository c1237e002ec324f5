import { describe, expect, test } from 'vitest'
import { MAX_AVRO_DEPTH, MAX_AVRO_FIELDS, minSizeBytes, parseAvroType } from './avro-type'

const parse = (json: unknown) => parseAvroType(json, 'file x')
const record = (name: string, types: unknown[]) => ({
  type: 'record',
  name,
  fields: types.map((type, index) => ({ name: `f${index}`, type })),
})

describe('A writer’s schema', () => {
  test('keeps field ids and logical types', () => {
    const type = parse({
      type: 'record',
      name: 'r',
      fields: [
        { name: 'a', type: ['null', 'long'], 'field-id': 7 },
        { name: 'b', type: { type: 'fixed', name: 'd', size: 4, logicalType: 'decimal' } },
        { name: 'c', type: { type: 'bytes', logicalType: 'decimal' } },
        { name: 'd', type: { type: { type: 'string' } } },
      ],
    })
    expect(type).toEqual({
      kind: 'record',
      fields: [
        { name: 'a', fieldId: 7, type: { kind: 'union', branches: [{ kind: 'null' }, { kind: 'long' }] } },
        { name: 'b', fieldId: null, type: { kind: 'fixed', sizeBytes: 4, logicalType: 'decimal' } },
        { name: 'c', fieldId: null, type: { kind: 'bytes', logicalType: 'decimal' } },
        { name: 'd', fieldId: null, type: { kind: 'string' } },
      ],
    })
  })

  test('may refer to a named type defined before, with or without its namespace', () => {
    const fixed = { type: 'fixed', name: 'f', namespace: 'n', size: 2 }
    const again = parse(record('r', [fixed, 'f', { type: 'n.f' }]))
    const f = { kind: 'fixed', sizeBytes: 2, logicalType: null }
    expect(again).toMatchObject({ fields: [{ type: f }, { type: f }, { type: f }] })
  })

  test('gives the minimum size of a value in bytes', () => {
    const all = [
      'null',
      'boolean',
      'int',
      'long',
      'float',
      'double',
      'bytes',
      'string',
      ['null', 'int'],
      { type: 'array', items: 'int' },
      { type: 'map', values: 'int' },
      { type: 'enum', name: 'e', symbols: ['A'] },
      { type: 'fixed', name: 'f', size: 5 },
    ]
    expect(all.map((json) => minSizeBytes(parse(json)))).toEqual([0, 1, 1, 1, 4, 8, 1, 1, 1, 1, 1, 1, 5])
    expect(minSizeBytes(parse(record('r', all)))).toBe(26)
  })

  test.each<[string, unknown, string]>([
    ['is a number', 5, 'contains something that is not a type'],
    ['names an unknown type', 'decimal', 'has the unknown type “decimal”'],
    ['is a record without fields', { type: 'record', name: 'r' }, 'has no list'],
    ['is an enum without symbols', { type: 'enum', name: 'r' }, 'has no list'],
    [
      'has a field without a name',
      { type: 'record', name: 'r', fields: [{ type: 'int' }] },
      'has a field without a name',
    ],
    ['has a fixed type without a size', { type: 'fixed', name: 'f' }, 'has a fixed type without a size'],
    ['contains itself', record('r', [['null', 'r']]), 'contains the type “r” inside itself'],
  ])('is refused when it %s', (_reason, json, message) => {
    expect(() => parse(json)).toThrow(expect.objectContaining({ code: 'file-damaged' }))
    expect(() => parse(json)).toThrow(`The file x cannot be read: its Avro schema ${message}`)
  })
})

describe('A hostile schema', () => {
  const nest = (depth: number, wrap: (inner: unknown) => unknown) => {
    let json: unknown = 'int'
    for (let level = 0; level < depth; level += 1) json = wrap(json)
    return json
  }
  const DEEP: Record<string, (depth: number) => unknown> = {
    arrays: (depth) => nest(depth, (items) => ({ type: 'array', items })),
    maps: (depth) => nest(depth, (values) => ({ type: 'map', values })),
    unions: (depth) => nest(depth, (inner) => ['null', inner]),
    records: (depth) => nest(depth, (inner) => record('r', [inner])),
    'types of types': (depth) => nest(depth, (type) => ({ type })),
    'symbols of an enum': (depth) => ({ type: 'enum', name: 'e', symbols: [nest(depth, (inner) => [inner])] }),
  }
  const WIDE: Record<string, (count: number) => unknown> = {
    fields: (count) => record('r', Array(count).fill('int')),
    branches: (count) => Array(count).fill('int'),
    symbols: (count) => ({ type: 'enum', name: 'e', symbols: Array(count).fill('A') }),
    records: (count) =>
      record(
        'r',
        Array.from({ length: count }, (_, index) => record(`r${index}`, ['int'])),
      ),
  }

  test.each([10, 1000])('is refused %i times beyond the bounds', (factor) => {
    const damaged = expect.objectContaining({ code: 'file-damaged' })
    for (const [name, build] of Object.entries(DEEP))
      expect(() => parse(build(factor * MAX_AVRO_DEPTH)), name).toThrow(damaged)
    for (const [name, build] of Object.entries(WIDE))
      expect(() => parse(build(Math.min(factor * MAX_AVRO_FIELDS, 500_000))), name).toThrow(damaged)
  })

  test('is refused when it is nested too deeply', () => {
    let json: unknown = 'int'
    for (let depth = 0; depth < 100_000; depth += 1) json = [json]
    expect(() => parse(json)).toThrow('nested deeper than 32 levels')
  })

  test('is refused when resolving its names nests it too deeply', () => {
    const chain = Array.from({ length: 40 }, (_, index) => record(`r${index}`, [index === 0 ? 'int' : `r${index - 1}`]))
    expect(() => parse(record('all', chain))).toThrow('nested deeper than 32 levels')
  })

  test('is refused when resolving its names multiplies its fields', () => {
    const doubling = Array.from({ length: 25 }, (_, index) =>
      record(`r${index}`, index === 0 ? ['null', 'null'] : [`r${index - 1}`, `r${index - 1}`]),
    )
    expect(() => parse(record('all', doubling))).toThrow('has more than 20000 fields')
  })
})
