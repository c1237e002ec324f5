import {
  DateMillisecond,
  Decimal,
  Dictionary,
  type DataType,
  DurationSecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Int32,
  List,
  Map_,
  Null,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Table,
  TimeNanosecond,
  TimestampMicrosecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
} from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { readArrowFields } from '../arrow/arrow-records'
import { declareArrow } from './declare-arrow'

async function declare(fields: readonly Field[]) {
  const bytes = RecordBatchStreamWriter.writeAll(new Table(new Schema([...fields]))).toUint8Array(true)
  async function* chunks() {
    yield bytes
  }
  const readEnd = async (sizeBytes: number) => bytes.slice(-sizeBytes)
  return declareArrow(await readArrowFields(chunks(), { name: 'a.arrows', readEnd }))
}
const columnOf = async (type: DataType, isNullable = true) =>
  (await declare([new Field('x', type, isNullable)])).columns[0]

describe('A column of an Arrow file', () => {
  it.each<[string, DataType, string]>([
    ['uint8', new Uint8(), 'int'],
    ['uint16', new Uint16(), 'int'],
    ['uint32', new Uint32(), 'long'],
    ['uint64', new Uint64(), 'decimal(20, 0)'],
    ['half', new Float16(), 'float'],
    ['decimal', new Decimal(2, 38, 128), 'decimal(38, 2)'],
    ['decimal of thousands', new Decimal(-3, 5, 128), 'decimal(8, 0)'],
    ['decimal of a small part', new Decimal(6, 2, 128), 'decimal(6, 6)'],
    ['date64', new DateMillisecond(), 'date'],
    ['timestamp', new TimestampSecond(), 'timestamp'],
    ['timestamp with a zone', new TimestampMicrosecond('Europe/Berlin'), 'timestamptz'],
    ['timestamp of nanoseconds', new TimestampNanosecond(), 'timestamp_ns'],
    ['timestamp of nanoseconds with a zone', new TimestampNanosecond('UTC'), 'timestamptz_ns'],
    ['dictionary', new Dictionary(new Utf8(), new Int32(), 7), 'string'],
    ['fixed', new FixedSizeBinary(3), 'fixed[3]'],
  ])('of %s has the type that holds its values', async (_name, arrow, type) => {
    expect(await columnOf(arrow)).toEqual({ name: 'x', type })
    expect(await columnOf(arrow, false)).toEqual({ name: 'x', type, required: true })
  })

  it('has the types of the parts of structs, lists and maps', async () => {
    const pair = new Struct([new Field('a', new Int32(), false), new Field('b', new Utf8(), true)])
    const struct = {
      struct: [
        { name: 'a', type: 'int', required: true },
        { name: 'b', type: 'string' },
      ],
    }
    expect((await columnOf(pair))?.type).toEqual(struct)
    expect((await columnOf(new List(new Field('item', pair, false))))?.type).toEqual({ list: struct, required: true })
    expect((await columnOf(new FixedSizeList(2, new Field('item', new Int32(), true))))?.type).toEqual({ list: 'int' })
    const entries = new Struct<{ key: Int32; value: Utf8 }>([
      new Field('key', new Int32(), false),
      new Field('value', new Utf8(), true),
    ])
    expect((await columnOf(new Map_(new Field('entries', entries, false))))?.type).toEqual({
      map: { key: 'int', value: 'string' },
    })
  })

  it('says where a type may not hold every value', async () => {
    const inner = new Struct([new Field('at', new TimeNanosecond(), true), new Field('n', new Null(), false)])
    const { columns, doubts } = await declare([new Field('x', inner, true), new Field('u', new Uint64(), true)])
    expect(columns[0]?.type).toEqual({
      struct: [
        { name: 'at', type: 'time' },
        { name: 'n', type: 'string' },
      ],
    })
    expect([...doubts]).toEqual([
      ['x.at', 'has nanoseconds, time has microseconds'],
      ['x.n', 'has only nulls, so string is a guess'],
      ['u', 'unsigned, up to 20 digits'],
    ])
  })

  it('that no type of Iceberg holds is omitted, with the path of the part', async () => {
    const { columns, omitted } = await declare([
      new Field('id', new Int32(), true),
      new Field('took', new List(new Field('item', new DurationSecond(), true)), true),
      new Field('wide', new Decimal(2, 60, 256), true),
    ])
    expect(columns).toEqual([{ name: 'id', type: 'int' }])
    expect(omitted.map(({ name, path, reason }) => `${name}: ${path} ${reason}`)).toEqual([
      'took: took.element is a duration, which no type of Iceberg holds',
      'wide: wide is a decimal of 60 digits, and those of Iceberg have at most 38',
    ])
  })
})
