import { describe, expect, it } from 'vitest'
import { bool, type Fields, int, list, struct, text, writeStruct } from '@/testing/parquet/thrift-writer'
import { readSchema } from './schema-node'
import { readThrift } from './thrift'

/** parquet.thrift, *SchemaElement*: 1 type, 2 length, 3 repetition, 4 name, 5 children, 6 converted, 9 field id. */
const ROOT = (children: number): Fields => ({ 4: text('schema'), 5: int(children) })
const leaf = (name: string, fields: Fields = {}): Fields => ({ 1: int(1), 3: int(1), 4: text(name), ...fields })
const group = (name: string, children: number, repetition = 1): Fields => ({
  3: int(repetition),
  4: text(name),
  5: int(children),
})

function read(...elements: readonly Fields[]) {
  const bytes = writeStruct({ 1: list(...elements.map(struct)) })
  return readSchema(readThrift(bytes).struct.structs(1) ?? [])
}

describe('The schema of a file', () => {
  it('becomes a tree with the levels of nulls and lists, as in the paper on Dremel', () => {
    // Document { required DocId; optional Links { repeated Backward; repeated Forward };
    //            repeated Name { repeated Language { required Code; optional Country }; optional Url } }
    const { root, leaves } = read(
      ROOT(3),
      leaf('DocId', { 3: int(0) }),
      group('Links', 2),
      leaf('Backward', { 3: int(2) }),
      leaf('Forward', { 3: int(2) }),
      group('Name', 2, 2),
      group('Language', 2, 2),
      leaf('Code', { 3: int(0) }),
      leaf('Country'),
      leaf('Url'),
    )
    expect(
      leaves.map(({ path, maxRepetition, maxDefinition }) => [path.join('.'), maxRepetition, maxDefinition]),
    ).toEqual([
      ['DocId', 0, 0],
      ['Links.Backward', 1, 2],
      ['Links.Forward', 1, 2],
      ['Name.Language.Code', 2, 2],
      ['Name.Language.Country', 2, 3],
      ['Name.Url', 1, 2],
    ])
    expect(leaves.map((node) => node.leaf?.index)).toEqual([0, 1, 2, 3, 4, 5])
    expect(root.children.map(({ name }) => name)).toEqual(['DocId', 'Links', 'Name'])
  })

  it('keeps names with dots, empty groups, and field ids', () => {
    const { root, leaves } = read(ROOT(2), leaf('a.b', { 9: int(7) }), group('empty', 0))
    expect(leaves.map(({ path, fieldId }) => ({ path, fieldId }))).toEqual([{ path: ['a.b'], fieldId: 7 }])
    expect(root.children[1]).toMatchObject({ name: 'empty', children: [], leaf: null, fieldId: null })
  })

  it.each([
    ['nothing', [], 'the footer has no schema'],
    ['fewer columns than it claims', [ROOT(2), leaf('a')], 'claims more columns than it has'],
    ['columns without a parent', [ROOT(1), leaf('a'), leaf('b')], 'columns without a parent'],
    ['a column without a name', [ROOT(1), { 1: int(1) }], 'has no name'],
    ['an unknown repetition', [ROOT(1), leaf('a', { 3: int(3) })], 'column a has an unknown repetition'],
    ['an unknown type', [ROOT(1), leaf('a', { 1: int(8) })], 'column a has an unknown physical type'],
    ['bytes of no length', [ROOT(1), leaf('a', { 1: int(7) })], 'the invalid length 0'],
    ['bytes of a negative length', [ROOT(1), leaf('a', { 1: int(7), 2: int(-4) })], 'the invalid length -4'],
    ['bytes of a huge length', [ROOT(1), leaf('a', { 1: int(7), 2: int(1_000_001) })], 'the invalid length 1000001'],
  ])('is refused with %s', (_, elements, reason) => {
    expect(() => read(...elements)).toThrow(reason)
  })

  it('is refused when it nests without end, or has more elements than any table', () => {
    const nested = Array.from({ length: 66 }, (_, i) => group(`g${i}`, 1))
    expect(() => read(ROOT(1), ...nested, leaf('a'))).toThrow('nests deeper than 64')
    const [element] = readThrift(writeStruct({ 1: list(struct(ROOT(0))) })).struct.structs(1) ?? []
    if (!element) throw new Error('no element')
    expect(() => readSchema(Array.from({ length: 100_001 }, () => element))).toThrow('100001 elements')
  })
})

describe('The meaning of a column', () => {
  const meaningOf = (fields: Fields) => read(ROOT(1), leaf('a', fields)).leaves[0]?.annotation
  const logical = (fields: Fields) => meaningOf({ 10: struct(fields) })
  const timeUnit = (field: number) => struct({ [field]: struct({}) })

  it.each([
    [1, 'string'],
    [2, 'map'],
    [3, 'list'],
    [4, 'enum'],
    [6, 'date'],
    [11, 'null'],
    [12, 'json'],
    [13, 'bson'],
    [14, 'uuid'],
    [15, 'float16'],
    [16, 'variant'],
  ])('by logical type %i is %s', (field, kind) => {
    expect(logical({ [field]: struct({}) })).toEqual({ kind })
  })

  it('has the coordinate system of geometries and geographies, and the edges of the latter', () => {
    expect(logical({ 17: struct({}) })).toEqual({ kind: 'geometry', crs: null })
    expect(logical({ 17: struct({ 1: text('srid:5070') }) })).toEqual({ kind: 'geometry', crs: 'srid:5070' })
    expect(logical({ 18: struct({}) })).toEqual({ kind: 'geography', crs: null, edges: null })
    expect(logical({ 18: struct({ 1: text('OGC:CRS84'), 2: int(4) }) })).toEqual({
      kind: 'geography',
      crs: 'OGC:CRS84',
      edges: 'karney',
    })
  })

  it('has the parameters of decimals, integers and times', () => {
    expect(logical({ 5: struct({ 1: int(2), 2: int(38) }) })).toEqual({ kind: 'decimal', scale: 2, precision: 38 })
    expect(logical({ 10: struct({ 1: int(8), 2: bool(false) }) })).toEqual({
      kind: 'integer',
      bits: 8,
      isSigned: false,
    })
    for (const [unit, name] of [
      [1, 'millis'],
      [2, 'micros'],
      [3, 'nanos'],
    ] as const) {
      expect(logical({ 7: struct({ 1: bool(false), 2: timeUnit(unit) }) })).toEqual({
        kind: 'time',
        isUtc: false,
        unit: name,
      })
      expect(logical({ 8: struct({ 1: bool(true), 2: timeUnit(unit) }) })).toEqual({
        kind: 'timestamp',
        isUtc: true,
        unit: name,
      })
    }
  })

  it.each([
    [0, { kind: 'string' }],
    [1, { kind: 'map' }],
    [2, { kind: 'map' }],
    [3, { kind: 'list' }],
    [4, { kind: 'enum' }],
    [6, { kind: 'date' }],
    [7, { kind: 'time', isUtc: true, unit: 'millis' }],
    [8, { kind: 'time', isUtc: true, unit: 'micros' }],
    [9, { kind: 'timestamp', isUtc: true, unit: 'millis' }],
    [10, { kind: 'timestamp', isUtc: true, unit: 'micros' }],
    [11, { kind: 'integer', bits: 8, isSigned: false }],
    [14, { kind: 'integer', bits: 64, isSigned: false }],
    [15, { kind: 'integer', bits: 8, isSigned: true }],
    [18, { kind: 'integer', bits: 64, isSigned: true }],
    [19, { kind: 'json' }],
    [20, { kind: 'bson' }],
    [21, { kind: 'interval' }],
  ])('in an older file is by converted type %i', (type, meaning) => {
    expect(meaningOf({ 6: int(type) })).toEqual(meaning)
  })

  it('in an older file has scale and precision in the column itself', () => {
    expect(meaningOf({ 6: int(5), 7: int(3), 8: int(12) })).toEqual({ kind: 'decimal', scale: 3, precision: 12 })
  })

  it('is that of the logical type when a file has both, and none when both are unknown', () => {
    expect(meaningOf({ 6: int(10), 10: struct({ 8: struct({ 1: bool(false), 2: timeUnit(3) }) }) })).toEqual({
      kind: 'timestamp',
      isUtc: false,
      unit: 'nanos',
    })
    expect(meaningOf({ 6: int(99) })).toBeNull()
    expect(meaningOf({ 6: int(6), 10: struct({ 99: struct({}) }) })).toEqual({ kind: 'date' })
    expect(meaningOf({})).toBeNull()
  })
})
