import { describe, expect, it } from 'vitest'
import { parseAvroType } from '@/lib/iceberg/avro/avro-type'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import { readAvroFileType } from '../avro-records'
import { declareAvro } from './declare-avro'

const logical = (type: string, logicalType: string, more: object = {}) => ({ type, logicalType, ...more })
const fixed = (size: number, more: object = {}) => ({ type: 'fixed', name: `f${size}`, size, ...more })
const recordOf = (fields: Record<string, unknown>, name = 'row') => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([key, type]) => ({ name: key, type })),
})

function declare(fields: Record<string, unknown>) {
  const type = parseAvroType(recordOf(fields), 'Avro file a.avro')
  if (type.kind !== 'record') throw new Error('no record')
  return declareAvro(type)
}
const columnOf = (type: unknown) => declare({ x: type }).columns[0]

describe('A column of an Avro file', () => {
  it.each<[unknown, string]>([
    ['boolean', 'boolean'],
    ['int', 'int'],
    ['long', 'long'],
    ['float', 'float'],
    ['double', 'double'],
    ['string', 'string'],
    ['bytes', 'binary'],
    [{ type: 'enum', name: 'e', symbols: ['A'] }, 'string'],
    [logical('string', 'uuid'), 'uuid'],
    [logical('string', 'other'), 'string'],
    [fixed(16, { logicalType: 'uuid' }), 'uuid'],
    [fixed(3), 'fixed[3]'],
    [logical('bytes', 'decimal', { precision: 38, scale: 10 }), 'decimal(38, 10)'],
    [fixed(5, { logicalType: 'decimal', precision: 9 }), 'decimal(9, 0)'],
    [logical('int', 'date'), 'date'],
    [logical('int', 'time-millis'), 'time'],
    [logical('long', 'time-micros'), 'time'],
    [logical('long', 'timestamp-millis'), 'timestamptz'],
    [logical('long', 'timestamp-micros'), 'timestamptz'],
    [logical('long', 'timestamp-micros', { 'adjust-to-utc': false }), 'timestamp'],
    [logical('long', 'timestamp-nanos'), 'timestamptz_ns'],
    [logical('long', 'local-timestamp-millis'), 'timestamp'],
    [logical('long', 'local-timestamp-nanos'), 'timestamp_ns'],
  ])('of %j is %s, and optional only in a union with null', (avro, type) => {
    expect(columnOf(avro)).toEqual({ name: 'x', type, required: true })
    expect(columnOf([avro])).toEqual({ name: 'x', type, required: true })
    expect(columnOf(['null', avro])).toEqual({ name: 'x', type })
    expect(columnOf([avro, 'null'])).toEqual({ name: 'x', type })
  })

  it('has the types of the parts of records, arrays and maps', () => {
    const leg = recordOf({ from: 'string', price: ['null', logical('bytes', 'decimal', { precision: 5, scale: 2 })] })
    const struct = {
      struct: [
        { name: 'from', type: 'string', required: true },
        { name: 'price', type: 'decimal(5, 2)' },
      ],
    }
    expect(columnOf({ ...leg, name: 'leg' })?.type).toEqual(struct)
    expect(columnOf({ type: 'array', items: ['null', { ...leg, name: 'leg' }] })?.type).toEqual({ list: struct })
    expect(columnOf({ type: 'array', items: 'int' })?.type).toEqual({ list: 'int', required: true })
    expect(columnOf({ type: 'map', values: ['null', 'long'] })?.type).toEqual({ map: { key: 'string', value: 'long' } })
    const entries = { ...recordOf({ key: 'int', value: 'float' }, 'entry'), name: 'entry' }
    expect(columnOf({ type: 'array', logicalType: 'map', items: entries })?.type).toEqual({
      map: { key: 'int', value: 'float' },
      required: true,
    })
  })

  it('of nulls alone is a string, and says that this is a guess', () => {
    const { columns, doubts } = declare({ none: 'null' })
    expect(columns).toEqual([{ name: 'none', type: 'string' }])
    expect(doubts.get('none')).toBe('has only nulls, so string is a guess')
  })

  it('that no type of Iceberg holds is omitted, with the path of the part', () => {
    const { columns, omitted } = declare({
      id: 'long',
      either: ['null', 'string', 'long'],
      legs: { type: 'array', items: recordOf({ took: fixed(12, { logicalType: 'duration' }) }, 'leg') },
      wide: logical('bytes', 'decimal', { precision: 39, scale: 2 }),
      free: logical('bytes', 'big-decimal'),
      hollow: recordOf({}, 'hollow'),
    })
    expect(columns.map(({ name }) => name)).toEqual(['id'])
    expect(omitted.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
      'either is a union of string, long',
      'legs.element.took is a duration, which no type of Iceberg holds',
      'wide is a decimal of 39 digits, and those of Iceberg have at most 38',
      'free is a big-decimal, which has a scale of its own in every row',
      'hollow is a struct without fields',
    ])
  })
})

it('The type of an Avro file is read from its header, without its blocks', async () => {
  const bytes = buildAvroBytes(recordOf({ id: 'long' }), [[{ id: 1 }]])
  async function* beginning() {
    yield bytes.subarray(0, -18)
  }
  expect(declareAvro(await readAvroFileType(beginning(), 'a.avro')).columns).toEqual([
    { name: 'id', type: 'long', required: true },
  ])
})
