import { describe, expect, test } from 'vitest'
import { partitionColumns, type PartitionSpec } from '../partitioning/partition-spec'
import type { PrimitiveType, Schema, Value } from '../schema/types'
import { parseAvroType } from '../avro/avro-type'
import { ByteCursor } from '../avro/byte-cursor'
import { ByteSink } from '../avro/byte-sink'
import { schemaForSpec, summarizeTuples, tupleReader, tupleSchema, tupleToAvro } from './partition-tuple'
import { type AvroValue, valueWriter } from '../avro/write-value'

const schemaOf = (types: readonly PrimitiveType[], schemaId = 0): Schema => ({
  schemaId,
  identifierFieldIds: [],
  fields: types.map((type, index) => ({ id: index + 1, name: `c${index}`, required: false, type })),
})
const specOf = (names: readonly string[], transform = 'identity'): PartitionSpec => ({
  specId: 0,
  fields: names.map((name, index) => ({ sourceId: index + 1, fieldId: 1000 + index, name, transform })),
})
const columnsOf = (types: readonly PrimitiveType[], transform = 'identity') =>
  partitionColumns(
    specOf(
      types.map((_, index) => `p${index}`),
      transform,
    ),
    schemaOf(types),
  )

/** Reads with `columns` a value that was written with `schema`. */
function read(columns: ReturnType<typeof columnsOf>, schema: object, value: AvroValue): (Value | null)[] {
  const type = parseAvroType(schema, 'test')
  const sink = new ByteSink()
  valueWriter(type)(sink, value)
  return tupleReader(type, columns, 'file x')(new ByteCursor(sink.bytes(), 'file x'))
}

const VALUES: [PrimitiveType, Value][] = [
  ['boolean', true],
  ['int', -2147483648],
  ['long', 9007199254740993n],
  ['float', 1.5],
  ['double', -0.1],
  ['date', -3],
  ['time', 86399999999n],
  ['timestamp', -7n],
  ['timestamptz', 1700000000000000n],
  ['timestamp_ns', 1700000000000000001n],
  ['timestamptz_ns', -1n],
  ['string', 'ü\n🦆'],
  ['uuid', 'f79c3e09-677c-4bbd-a479-3f349cb785e7'],
  ['uuid', '00000000-0000-0000-0000-000000000001'],
  ['binary', Uint8Array.of(0, 255)],
  ['fixed[4]', Uint8Array.of(1, 2, 3, 4)],
  ['fixed[4]', Uint8Array.of(9, 9, 9, 9)],
  ['decimal(9, 2)', -12345n],
  ['decimal(9, 2)', 0n],
  ['decimal(38, 10)', 10n ** 38n - 1n],
  ['decimal(1, 0)', -9n],
  ['decimal(7, 0)', 9_999_999n],
]

describe('A partition tuple', () => {
  const columns = columnsOf(VALUES.map(([type]) => type))
  const values = VALUES.map(([, value]) => value)

  test('of every type is read back as written, and so is null', () => {
    const schema = tupleSchema(columns)
    expect(read(columns, schema, tupleToAvro(columns, values))).toEqual(values)
    const nulls = values.map(() => null)
    expect(read(columns, schema, tupleToAvro(columns, nulls))).toEqual(nulls)
  })

  test('stores decimals in as many bytes as their precision needs, and defines every Avro name once', () => {
    const { fields } = tupleSchema(columns) as { fields: { type: [string, { name?: string; size?: number }] }[] }
    const fixed = fields.map(({ type }) => type[1]).filter(({ name }) => name !== undefined)
    expect(fixed.map(({ name, size }) => [name, size])).toEqual([
      ['uuid_fixed', 16],
      ['uuid_fixed_1013', 16],
      ['fixed_4', 4],
      ['fixed_4_1016', 4],
      ['decimal_9_2', 4],
      ['decimal_9_2_1018', 4],
      ['decimal_38_10', 16],
      ['decimal_1_0', 1],
      ['decimal_7_0', 4],
    ])
  })

  test('has valid Avro names, escaped as by Java and PyIceberg', () => {
    const names = ['Origin Country', '1st', 'a.b', 'ok_1', 'ü', '🦆']
    const spec = specOf(names)
    const { fields } = tupleSchema(partitionColumns(spec, schemaOf(names.map(() => 'int')))) as { fields: object[] }
    expect(fields).toMatchObject([
      { name: 'Origin_x20Country', 'iceberg-field-name': 'Origin Country' },
      { name: '_1st', 'iceberg-field-name': '1st' },
      { name: 'a_x2Eb' },
      { name: 'ok_1' },
      { name: '_xFC' },
      { name: '_xD83E_xDD86' },
    ])
    expect(fields[3]).not.toHaveProperty('iceberg-field-name')
  })

  test('is matched by name if the writer wrote no field ids, and is null for a missing field', () => {
    const schema = {
      type: 'record',
      name: 'r',
      fields: [
        { name: 'other', type: 'string' },
        { name: 'p1', type: 'int' },
      ],
    }
    expect(read(columnsOf(['int', 'int']), schema, { other: 'x', p1: 5 })).toEqual([null, 5])
  })

  test('with fewer values than columns is a bug in the caller', () => {
    expect(() => tupleToAvro(columnsOf(['int', 'int']), [1])).toThrow(TypeError)
  })

  test('of a type that has no Avro form cannot be written', () => {
    expect(() => tupleSchema(columnsOf(['variant']))).toThrow(expect.objectContaining({ code: 'not-supported' }))
  })
})

describe('A partition value written before its column was promoted', () => {
  const recordWith = (type: unknown) => ({
    type: 'record',
    name: 'r',
    fields: [{ name: 'p0', type, 'field-id': 1000 }],
  })

  test.each<[PrimitiveType, unknown, AvroValue, Value]>([
    ['long', 'int', -5, -5n],
    ['double', 'float', 1.5, 1.5],
    [
      'decimal(18, 2)',
      { type: 'fixed', name: 'f', size: 4, logicalType: 'decimal' },
      Uint8Array.of(0xff, 0xff, 0xcf, 0xc7),
      -12345n,
    ],
    ['decimal(9, 2)', { type: 'bytes', logicalType: 'decimal' }, Uint8Array.of(0x30, 0x39), 12345n],
    ['int', 'long', 7, 7],
    [
      'uuid',
      { type: 'string', logicalType: 'uuid' },
      'F79C3E09-677C-4BBD-A479-3F349CB785E7',
      'f79c3e09-677c-4bbd-a479-3f349cb785e7',
    ],
    ['float', 'double', 2.5, 2.5],
  ])('is read as %s from %j', (type, avro, written, value) => {
    expect(read(columnsOf([type]), recordWith(avro), { p0: written })).toEqual([value])
  })

  test.each<[PrimitiveType, unknown, AvroValue]>([
    ['timestamp', 'int', 5],
    ['string', 'int', 5],
    ['int', 'string', '5'],
    ['int', 'boolean', true],
    ['int', 'double', 1],
    ['boolean', 'long', 1],
    ['int', 'bytes', Uint8Array.of(1)],
    ['int', { type: 'array', items: 'int' }, [1]],
  ])('is refused as %s when it was written as %j', (type, avro, written) => {
    expect(() => read(columnsOf([type]), recordWith(avro), { p0: written })).toThrow(
      expect.objectContaining({ code: 'file-damaged', message: expect.stringContaining('field p0') }),
    )
  })

  test.each<[unknown, AvroValue, Value]>([
    ['int', 5, 5],
    ['long', 5n, 5n],
    ['boolean', true, true],
    ['float', 1.5, 1.5],
    ['double', 1.5, 1.5],
    ['string', 'a', 'a'],
    ['bytes', Uint8Array.of(1), Uint8Array.of(1)],
    [{ type: 'fixed', name: 'f', size: 1, logicalType: 'decimal' }, Uint8Array.of(0xfe), -2n],
    [
      { type: 'fixed', name: 'f', size: 16, logicalType: 'uuid' },
      new Uint8Array(16),
      '00000000-0000-0000-0000-000000000000',
    ],
  ])('has the writer’s type when the transform is unknown (%j)', (avro, written, value) => {
    expect(read(columnsOf(['timestamp'], 'zorder'), recordWith(avro), { p0: written })).toEqual([value])
  })
})

describe('The summary of a partition column', () => {
  test('has the least and greatest value, and counts null and NaN separately', () => {
    const columns = columnsOf(['double', 'string', 'int'])
    const summary = summarizeTuples(columns, [
      [2.5, 'b', null],
      [Number.NaN, 'a', null],
      [-1, 'ü', null],
    ])
    expect(summary).toEqual([
      {
        containsNull: false,
        containsNan: true,
        lowerBound: Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf0, 0xbf),
        upperBound: Uint8Array.of(0, 0, 0, 0, 0, 0, 4, 0x40),
      },
      {
        containsNull: false,
        containsNan: false,
        lowerBound: Uint8Array.of(0x61),
        upperBound: Uint8Array.of(0xc3, 0xbc),
      },
      { containsNull: true, containsNan: false, lowerBound: null, upperBound: null },
    ])
  })
})

describe('The schema for reading a spec', () => {
  const spec = specOf(['p0', 'p1'])

  test('is the newest that still has the source columns', () => {
    const older = schemaOf(['int', 'int'], 0)
    const promoted = schemaOf(['int', 'long'], 1)
    const dropped = schemaOf(['int'], 2)
    expect(schemaForSpec(spec, [promoted, dropped, older])).toBe(promoted)
    expect(schemaForSpec(spec, [dropped])).toBe(dropped)
    expect(schemaForSpec(spec, [])).toBeNull()
  })
})
