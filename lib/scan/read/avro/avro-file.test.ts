import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { AvroBlockCodecs } from '@/lib/iceberg/avro/codecs'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField, Type, Value } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { OversizedParquet, withFileName } from '@/lib/parquet/errors'
import { buildAvroBlock, buildAvroBytes, encodeAvroLong, SYNC_MARKER } from '@/testing/iceberg/avro-bytes'
import type { ReadTally } from '../../counted-source'
import { createRowReader } from '../../read-rows'
import { readFileRows } from '../../inspect/file-rows'
import type { ScanFile } from '../../scan-files'
import { BlockCache } from './block-cache'
import { fetchGroup, type OpenDataFile, openDataFile } from '../data-file'
import type { DataFileCodecs, DataFileFacts } from '../file-facts'
import { ROW_ID, ROW_POSITION } from '../metadata-columns'
import { createValueGetter, type RowValue } from '../row-values'

const NAME = 's3://lake/t/data/a.avro'

/** Stands for any codec: all bytes are inverted. */
const invert = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0xff)
const avro: AvroBlockCodecs = {
  decompress: (_codec, bytes, maxBytes) => {
    if (bytes.length > maxBytes) throw new RangeError('too long')
    if (bytes.length === 3) throw new Error('damaged')
    return invert(bytes)
  },
}
const refuse = () => {
  throw new Error('Avro has no pages')
}
const codecs: DataFileCodecs = { gzip: refuse, zstd: refuse, brotli: refuse, avro }

const field = (id: number, type: Type, name = `f${id}`): NestedField => ({ id, name, required: false, type })
const stored = (id: number, type: unknown, name = `f${id}`) => ({ name, type, 'field-id': id })
const record = (fields: readonly object[], name = 'row') => ({ type: 'record', name, fields })
const optional = (type: unknown) => ['null', type]

type Opened = { file: OpenDataFile; reads: [number, number][]; tally: ReadTally }

async function open(
  bytes: Uint8Array,
  facts: Partial<DataFileFacts> = {},
  declaredBytes = bytes.length,
  avroBlocks: BlockCache | null = new BlockCache(),
): Promise<Opened> {
  const reads: [number, number][] = []
  const tally = { bytesRead: 0, requests: 0 }
  const source: ByteSource = {
    name: NAME,
    byteLength: declaredBytes,
    async read(start, end) {
      reads.push([start, end])
      if (end > bytes.length) throw new AppError('file-damaged', 'shorter than expected')
      return bytes.slice(start, end)
    },
    async readEnd(lengthBytes) {
      source.byteLength = bytes.length
      reads.push([Math.max(0, bytes.length - lengthBytes), bytes.length])
      return bytes.slice(-lengthBytes)
    },
  }
  const all = { fileFormat: 'avro' as const, recordCount: 1, constants: new Map(), nameMapping: null, ...facts }
  return {
    file: await openDataFile(source, all, {
      codecs: { ...codecs, ...(avroBlocks && { avroBlocks }) },
      tally,
      tailBytes: 1024,
    }),
    reads,
    tally,
  }
}

/** Rows of a file, each a list of the fields' values. */
async function readRows(
  { file }: Opened,
  fields: readonly NestedField[],
  { from = 0, to = file.facts.recordCount, limitBytes = 1e9 } = {},
): Promise<(RowValue | null)[][]> {
  let remainingBytes = limitBytes
  const reserveMemory = (bytes: number) => {
    remainingBytes -= bytes
    if (remainingBytes < 0) throw new OversizedParquet('more memory than allowed')
  }
  const rows: (RowValue | null)[][] = []
  for (const [index, group] of file.rowGroups.entries()) {
    const first = Math.max(from, group.firstRow) - group.firstRow
    const last = Math.min(to, group.firstRow + group.rowCount) - group.firstRow
    if (first >= last) continue
    const read = await fetchGroup(file, index, { from: first, to: last, fields, chunks: new Map(), reserveMemory })
    const vectors = read(first, last, reserveMemory)
    const getters = vectors.map((vector, i) => createValueGetter(vector, fields[i]?.type ?? 'unknown', () => undefined))
    for (let row = 0; row < last - first; row++) rows.push(getters.map((get) => get(row)))
  }
  return rows
}

/** One column of a file with one record per value. */
async function readColumn(avroType: unknown, values: readonly unknown[], type: Type): Promise<(RowValue | null)[]> {
  const bytes = buildAvroBytes(record([stored(1, avroType)]), [values.map((value) => ({ f1: value }))])
  const opened = await open(bytes, { recordCount: values.length })
  return (await readRows(opened, [field(1, type)])).map(([value]) => value ?? null)
}

const bytesOf = (...values: number[]) => Uint8Array.from(values)
const fixed = (size: number, attributes: object = {}) => ({ type: 'fixed', name: `fixed_${size}`, size, ...attributes })
const logical = (type: string, logicalType: string, attributes: object = {}) => ({ type, logicalType, ...attributes })
const UUID = 'f79c3e09-677c-4bbd-a479-3f349cb785e7'
const UUID_BYTES = Uint8Array.from(UUID.replaceAll('-', '').match(/../g) ?? [], (hex) => Number.parseInt(hex, 16))
const MAX_LONG = 2n ** 63n - 1n

describe('A value of an Avro file', () => {
  // Iceberg table spec, appendix A, Avro: "Data Type Mappings".
  test.each<[Type, unknown, unknown, Value]>([
    ['boolean', 'boolean', true, true],
    ['int', 'int', -2_147_483_648, -2_147_483_648],
    ['long', 'long', MAX_LONG, MAX_LONG],
    ['long', 'long', -MAX_LONG - 1n, -MAX_LONG - 1n],
    ['float', 'float', 1.5, 1.5],
    ['double', 'double', -0, -0],
    [
      'decimal(9, 2)',
      fixed(4, { logicalType: 'decimal', precision: 9, scale: 2 }),
      bytesOf(0xff, 0xff, 0xfb, 0x50),
      -1200n,
    ],
    [
      'decimal(38, 0)',
      fixed(16, { logicalType: 'decimal', precision: 38 }),
      bytesOf(0x4b, 0x3b, 0x4c, 0xa8, 0x5a, 0x86, 0xc4, 0x7a, 0x09, 0x8a, 0x22, 0x3f, 0xff, 0xff, 0xff, 0xff),
      99_999_999_999_999_999_999_999_999_999_999_999_999n,
    ],
    ['decimal(9, 0)', fixed(18, { logicalType: 'decimal', precision: 9 }), new Uint8Array(18).fill(0xff), -1n],
    ['decimal(4, 1)', logical('bytes', 'decimal', { precision: 4, scale: 1 }), bytesOf(0x00, 0xff), 255n],
    ['date', logical('int', 'date'), -719_162, -719_162],
    ['time', logical('long', 'time-micros'), 86_399_999_999, 86_399_999_999n],
    ['timestamp', logical('long', 'timestamp-micros', { 'adjust-to-utc': false }), -1, -1n],
    ['timestamptz', logical('long', 'timestamp-micros', { 'adjust-to-utc': true }), MAX_LONG, MAX_LONG],
    ['timestamp_ns', logical('long', 'timestamp-nanos', { 'adjust-to-utc': false }), MAX_LONG, MAX_LONG],
    ['timestamptz_ns', logical('long', 'timestamp-nanos', { 'adjust-to-utc': true }), 1, 1n],
    ['string', 'string', 'Côte 🐇', 'Côte 🐇'],
    ['uuid', fixed(16, { logicalType: 'uuid' }), UUID_BYTES, UUID],
    ['fixed[3]', fixed(3), bytesOf(1, 2, 3), bytesOf(1, 2, 3)],
    ['binary', 'bytes', bytesOf(0, 255), bytesOf(0, 255)],
  ])('of type %s is read from %j', async (type, avroType, value, expected) => {
    expect(await readColumn(avroType, [value], type)).toEqual([expected])
    expect(await readColumn(optional(avroType), [null, value, null], type)).toEqual([null, expected, null])
    expect(await readColumn([avroType, 'null'], [value, null, value], type)).toEqual([expected, null, expected])
  })

  test.each<[string, Type, unknown, unknown, Value]>([
    ['int as long', 'long', 'int', -7, -7n],
    ['float as double', 'double', 'float', Math.fround(0.1), Math.fround(0.1)],
    [
      'a decimal of less precision',
      'decimal(20, 2)',
      fixed(4, { logicalType: 'decimal', precision: 9, scale: 2 }),
      bytesOf(0, 0, 0, 5),
      5n,
    ],
    ['date as timestamp', 'timestamp', logical('int', 'date'), -2, -172_800_000_000n],
    ['date as timestamp_ns', 'timestamp_ns', logical('int', 'date'), 1, 86_400_000_000_000n],
    ['time in milliseconds', 'time', logical('int', 'time-millis'), 5, 5_000n],
    ['time without a logical type', 'time', 'long', 5, 5n],
    ['timestamp in milliseconds', 'timestamp', logical('long', 'timestamp-millis'), -5, -5_000n],
    ['local timestamp in microseconds', 'timestamp', logical('long', 'local-timestamp-micros'), 5, 5n],
    ['timestamp in nanoseconds', 'timestamp', logical('long', 'timestamp-nanos'), -5_000, -5n],
    ['timestamp in microseconds', 'timestamptz_ns', logical('long', 'timestamp-micros'), 5, 5_000n],
    ['timestamp without a logical type', 'timestamp_ns', 'long', 5, 5n],
    ['fixed as binary', 'binary', fixed(2), bytesOf(8, 9), bytesOf(8, 9)],
    ['an enum as string', 'string', { type: 'enum', name: 'e', symbols: ['A', 'ß'] }, 'ß', 'ß'],
    ['a union of one type', 'int', ['int'], { branch: 0, value: 3 }, 3],
  ])('is converted exactly: %s', async (_name, type, avroType, value, expected) => {
    expect(await readColumn(avroType, [value], type)).toEqual([expected])
  })

  test('is null if its type is null, or unknown in the table', async () => {
    expect(await readColumn('null', [null, null], 'string')).toEqual([null, null])
    expect(await readColumn(['null'], [null], 'string')).toEqual([null])
    expect(await readColumn(optional('string'), ['x', null], 'unknown')).toEqual([null, null])
  })

  test.each<[string, Type, unknown, unknown, string]>([
    ['an empty decimal', 'decimal(9, 0)', logical('bytes', 'decimal'), bytesOf(), 'a decimal has no bytes'],
    [
      'a decimal of 17 bytes',
      'decimal(38, 0)',
      logical('bytes', 'decimal'),
      bytesOf(1, ...new Uint8Array(16)),
      'more than 38 digits',
    ],
    [
      'a decimal that needs a 129th bit',
      'decimal(38, 0)',
      logical('bytes', 'decimal'),
      bytesOf(0, 0x80, ...new Uint8Array(15)),
      'more than 38 digits',
    ],
    ['an int beyond 32 bits', 'int', 'int', 2 ** 31, 'an int is beyond 32 bits'],
  ])('is damaged: %s', async (_name, type, avroType, value, message) => {
    await expect(readColumn(avroType, [value], type)).rejects.toMatchObject({
      code: 'file-damaged',
      message: expect.stringContaining(message),
    })
    await expect(readColumn(avroType, [value], type)).rejects.toThrow(`The Avro file ${NAME} cannot be read: `)
  })

  test.each<[string, Type, unknown, unknown, string]>([
    ['a long as int', 'int', 'long', 1, 'column f1 holds long, which cannot be read as int'],
    ['a double as float', 'float', 'double', 1, 'holds double, which cannot be read as float'],
    [
      'another scale',
      'decimal(9, 1)',
      fixed(4, { logicalType: 'decimal', precision: 9, scale: 2 }),
      bytesOf(0, 0, 0, 1),
      'fixed of 4 bytes (decimal), which cannot be read as decimal(9, 1)',
    ],
    ['bytes that are not a decimal', 'decimal(9, 0)', 'bytes', bytesOf(1), 'holds bytes, which'],
    ['a uuid of 15 bytes', 'uuid', fixed(15), new Uint8Array(15), 'fixed of 15 bytes, which cannot be read as uuid'],
    ['a uuid as text', 'uuid', logical('string', 'uuid'), UUID, 'holds string'],
    ['fixed of another length', 'fixed[2]', fixed(3), new Uint8Array(3), 'cannot be read as fixed[2]'],
    ['a date as long', 'date', 'long', 1, 'holds long'],
    ['an int as time', 'time', 'int', 1, 'holds int'],
    ['a time as timestamp', 'timestamp', logical('long', 'time-micros'), 1, 'holds long (time-micros)'],
    ['an int as timestamp', 'timestamp', 'int', 1, 'holds int'],
    ['bytes as string', 'string', 'bytes', bytesOf(1), 'cannot be read as string'],
    ['a string as binary', 'binary', 'string', 'x', 'cannot be read as binary'],
    ['a string as boolean', 'boolean', 'string', 'x', 'cannot be read as boolean'],
    ['a boolean as long', 'long', 'boolean', true, 'cannot be read as long'],
    ['a string as double', 'double', 'string', 'x', 'cannot be read as double'],
    [
      'nanoseconds between microseconds',
      'timestamp',
      logical('long', 'timestamp-nanos'),
      1,
      'holds nanos that cannot be converted exactly',
    ],
    [
      'microseconds beyond 64 bits of nanoseconds',
      'timestamp_ns',
      logical('long', 'timestamp-micros'),
      MAX_LONG,
      'holds micros that cannot',
    ],
    [
      'dates beyond 64 bits of nanoseconds',
      'timestamp_ns',
      logical('int', 'date'),
      2_000_000,
      'holds dates that cannot',
    ],
    [
      'one of several types',
      'string',
      ['string', 'int', 'null'],
      { branch: 0, value: 'x' },
      'is one of several types (string, int)',
    ],
    ['a variant', 'variant', 'bytes', bytesOf(1), 'has the type variant, which Lakeshore cannot read in Avro'],
  ])('is not supported, in this column only: %s', async (_name, type, avroType, value, message) => {
    await expect(readColumn(avroType, [value], type)).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining(message),
      column: { id: 1 },
    })
    await expect(readColumn(avroType, [value], type)).rejects.toThrow(`The Avro file ${NAME}: column f1 `)
  })
})

describe('A nested value of an Avro file', () => {
  const struct: Type = { type: 'struct', fields: [field(2, 'int'), field(3, 'string')] }
  const storedStruct = record([stored(3, optional('string')), stored(9, 'double'), stored(2, optional('int'))], 'r1')
  const list: Type = { type: 'list', elementId: 2, element: 'long', elementRequired: false }
  const map: Type = { type: 'map', keyId: 2, key: 'int', valueId: 3, value: 'string', valueRequired: false }
  const storedMap = {
    type: 'array',
    logicalType: 'map',
    items: record([stored(3, optional('string'), 'value'), stored(2, 'int', 'key')], 'k2_v3'),
  }

  test('may be a struct, whose fields are matched by id at every depth', async () => {
    const values = [{ f3: 'a', f9: 1, f2: 5 }, null, { f3: null, f9: 2, f2: null }]
    expect(await readColumn(optional(storedStruct), values, struct)).toEqual([[5, 'a'], null, [null, null]])
    const deep: Type = { type: 'struct', fields: [field(2, struct), field(4, 'int')] }
    const storedDeep = record([stored(2, optional(storedStruct))], 'r0')
    expect(await readColumn(storedDeep, [{ f2: null }, { f2: values[0] }], deep)).toEqual([
      [null, null],
      [[5, 'a'], null],
    ])
  })

  test('may be a list, empty, null, or with nulls', async () => {
    const storedList = { type: 'array', items: optional('long'), 'element-id': 2 }
    const values = [[1n, null], null, [], Array.from({ length: 1000 }, (_, index) => BigInt(index))]
    expect(await readColumn(optional(storedList), values, list)).toEqual(values)
    const lists: Type = { type: 'list', elementId: 5, element: list, elementRequired: false }
    const storedLists = { type: 'array', items: optional(storedList), 'element-id': 5 }
    expect(await readColumn(storedLists, [[[1n], null, []], []], lists)).toEqual([[[1n], null, []], []])
  })

  test('may be a list in blocks that say their size', async () => {
    const schema = record([stored(1, { type: 'array', items: 'long' })])
    const body = bytesOf(...encodeAvroLong(-2), ...encodeAvroLong(2), 2, 4, ...encodeAvroLong(1), 6, 0)
    const block = [...encodeAvroLong(1), ...encodeAvroLong(body.length), ...body, ...SYNC_MARKER]
    const opened = await open(bytesOf(...buildAvroBytes(schema, []), ...block))
    expect(await readRows(opened, [field(1, list)])).toEqual([[[1n, 2n, 3n]]])
  })

  test('is refused when a list states more values than the file has room for, before any is read', async () => {
    const schema = record([stored(1, { type: 'array', items: 'long' })])
    const body = bytesOf(...encodeAvroLong(1_000_000), 2, 4, 0)
    const block = [...encodeAvroLong(1), ...encodeAvroLong(body.length), ...body, ...SYNC_MARKER]
    const opened = await open(bytesOf(...buildAvroBytes(schema, []), ...block))
    await expect(readRows(opened, [field(1, list)])).rejects.toMatchObject({
      code: 'file-damaged',
      message: expect.stringContaining('a list of 1000000 values does not fit'),
    })
  })

  test('may be a map of records with any key, or of Avro with keys that are strings', async () => {
    const entries = [
      [
        { key: 1, value: 'a' },
        { key: 2, value: null },
      ],
      null,
      [],
    ]
    expect(await readColumn(optional(storedMap), entries, map)).toEqual([
      [
        [1, 'a'],
        [2, null],
      ],
      null,
      [],
    ])
    const textMap: Type = { ...map, key: 'string', value: 'double' }
    const avroMap = { type: 'map', values: optional('double'), 'key-id': 2, 'value-id': 3 }
    expect(await readColumn(avroMap, [{ a: 1, b: null }, {}], textMap)).toEqual([
      [
        ['a', 1],
        ['b', null],
      ],
      [],
    ])
  })

  test('is refused when it has another shape than in the table', async () => {
    const refusal = (message: string, code = 'not-supported') => ({
      code,
      message: expect.stringContaining(message),
      column: { id: 1 },
    })
    const values: [unknown, unknown, Type, string, string?][] = [
      ['int', 1, struct, 'column f1 holds int, but is a struct in the table'],
      [storedMap, [], struct, 'holds array, but is a struct'],
      ['string', '', list, 'holds string, but is a list'],
      ['string', '', map, 'holds string, but is a map'],
      [{ type: 'array', items: 'int' }, [], map, 'holds array, but is a map'],
      [
        { type: 'array', items: record([stored(8, 'int', 'key')], 'e') },
        [],
        map,
        'column f1 is a map without keys',
        'file-damaged',
      ],
      [storedStruct, { f2: 1, f3: '', f9: 1 }, 'int', 'holds record, which cannot be read as int'],
    ]
    for (const [avroType, value, type, message, code] of values)
      await expect(readColumn(avroType, [value], type)).rejects.toMatchObject(refusal(message, code))
    const ambiguous = { type: 'struct', fields: [field(2, 'long')] } as const
    const deep = record([stored(2, 'string')], 'r1')
    await expect(readColumn(deep, [{ f2: '' }], ambiguous)).rejects.toMatchObject(refusal('column f1.f2 holds string'))
  })
})

describe('Columns of an Avro file', () => {
  const schema = record([stored(1, 'int', 'a'), stored(2, optional('string'), 'b'), stored(3, 'double', 'c')])
  const rows = Array.from({ length: 10 }, (_, a) => ({ a, b: a % 2 ? `row ${a}` : null, c: a / 2 }))
  const bytes = buildAvroBytes(schema, [rows.slice(0, 4), [], rows.slice(4, 5), rows.slice(5)])

  test('are matched by field id, not by name, and may be missing', async () => {
    const constants = new Map([[7, 'p']])
    const opened = await open(bytes, { recordCount: 10, constants })
    const withDefault = { ...field(8, 'int', 'later'), initialDefault: 42 }
    const fields = [field(3, 'double', 'a'), field(7, 'string', 'b'), withDefault, field(9, 'long')]
    expect(await readRows(opened, fields, { to: 2 })).toEqual([
      [0, 'p', 42, null],
      [0.5, 'p', 42, null],
    ])
    expect(await readRows(opened, [])).toEqual(Array.from({ length: 10 }, () => []))
  })

  test('are matched by the name mapping when the file has no ids, at every depth', async () => {
    const mapping: NameMapping = [
      { fieldId: 1, names: ['id', 'old_id'], fields: [] },
      {
        fieldId: 2,
        names: ['s'],
        fields: [
          { fieldId: 3, names: ['x'], fields: [] },
          { fieldId: null, names: ['l'], fields: [{ fieldId: 5, names: ['element'], fields: [] }] },
        ],
      },
      {
        fieldId: 6,
        names: ['m'],
        fields: [
          { fieldId: 7, names: ['key'], fields: [] },
          { fieldId: 8, names: ['value'], fields: [{ fieldId: 9, names: ['y'], fields: [] }] },
        ],
      },
    ]
    const inner = record([{ name: 'y', type: 'int' }], 'v')
    const unnamed = record([
      { name: 'old_id', type: 'long' },
      {
        name: 's',
        type: record(
          [
            { name: 'x', type: 'string' },
            { name: 'l', type: 'int' },
          ],
          'sr',
        ),
      },
      {
        name: 'm',
        type: {
          type: 'array',
          logicalType: 'map',
          items: record(
            [
              { name: 'key', type: 'int' },
              { name: 'value', type: inner },
            ],
            'kv',
          ),
        },
      },
      { name: 'other', type: 'string' },
    ])
    const row = { old_id: 1, s: { x: 'in', l: 3 }, m: [{ key: 4, value: { y: 5 } }], other: 'o' }
    const file = buildAvroBytes(unnamed, [[row]])
    const fields = [
      field(1, 'long', 'other'),
      field(2, { type: 'struct', fields: [field(3, 'string'), field(4, 'int', 'l')] }),
      field(6, {
        type: 'map',
        keyId: 7,
        key: 'int',
        valueId: 8,
        value: { type: 'struct', fields: [field(9, 'int')] },
        valueRequired: false,
      }),
      field(10, 'string', 'other'),
    ]
    expect(await readRows(await open(file, { nameMapping: mapping }), fields)).toEqual([
      [1n, ['in', null], [[4, [5]]], null],
    ])
    // The value of an identity partition field is that of the manifest.
    const [first] = await readRows(await open(file, { nameMapping: mapping, constants: new Map([[1, 8n]]) }), fields)
    expect(first?.[0]).toBe(8n)
    await expect(open(file)).rejects.toMatchObject({
      code: 'not-supported',
      message: `The Avro file ${NAME} cannot be read: its columns have no field ids, and the table has no name mapping`,
    })
  })

  test('are read at any rows, over several blocks', async () => {
    const opened = await open(bytes, { recordCount: 10 })
    const expected = rows.map(({ a, b }) => [a, b])
    for (const [from, to] of [
      [0, 10],
      [9, 10],
      [0, 1],
      [3, 6],
      [4, 5],
      [5, 10],
    ] as const)
      expect(await readRows(opened, [field(1, 'int'), field(2, 'string')], { from, to })).toEqual(
        expected.slice(from, to),
      )
  })

  test('have row positions and row ids', async () => {
    const origin = { path: NAME, sequenceNumber: 4, firstRowId: '9007199254740993' }
    const opened = await open(bytes, { recordCount: 10, origin })
    expect(await readRows(opened, [ROW_POSITION, ROW_ID], { from: 6, to: 8 })).toEqual([
      [6n, 9007199254740999n],
      [7n, 9007199254741000n],
    ])
  })

  test('take memory only within the limit, also for lists of nothing', async () => {
    const opened = await open(bytes, { recordCount: 10 })
    await expect(readRows(opened, [field(2, 'string')], { limitBytes: 1000 })).rejects.toThrow('more memory')
    const nothings = record([stored(1, { type: 'array', items: 'null' })])
    const body = [...encodeAvroLong(2n ** 40n), 0]
    const block = [...encodeAvroLong(1), ...encodeAvroLong(body.length), ...body, ...SYNC_MARKER]
    const bomb = await open(bytesOf(...buildAvroBytes(nothings, []), ...block))
    const list: Type = { type: 'list', elementId: 2, element: 'unknown', elementRequired: false }
    await expect(readRows(bomb, [field(1, list)])).rejects.toThrow('more memory')
    const wide = record([stored(1, optional(fixed(2 ** 30))), stored(2, optional('int'))])
    const nulls = Array.from({ length: 100 }, () => ({ f1: null, f2: null }))
    const wideFile = await open(buildAvroBytes(wide, [nulls]), { recordCount: 100 })
    await expect(readRows(wideFile, [field(1, `fixed[${2 ** 30}]`)])).rejects.toThrow('2 GiB together')
    expect(await readRows(wideFile, [field(2, 'int')], { to: 1 })).toEqual([[null]])
  })
})

describe('Blocks of an Avro file', () => {
  const schema = record([stored(1, 'long'), stored(2, 'bytes')])
  const rowOf = (index: number) => ({ f1: index, f2: new Uint8Array(900).fill(index) })
  const blocks = Array.from({ length: 300 }, (_, block) => [rowOf(2 * block), rowOf(2 * block + 1)])
  const big = buildAvroBytes(schema, blocks, { codec: 'deflate', compress: invert })
  const facts = { recordCount: 600 }
  const ids = [field(1, 'long')]

  test('are fetched together, once, when rows are read in order', async () => {
    const opened = await open(big, facts)
    for (let from = 0; from < 600; from += 50) {
      const rows = await readRows(opened, ids, { from, to: from + 50 })
      expect(rows.map(([id]) => id)).toEqual(Array.from({ length: 50 }, (_, index) => BigInt(from + index)))
    }
    expect(opened.tally.bytesRead).toBeLessThan(1.3 * big.length)
    expect(opened.tally.requests).toBeLessThan(20)
  })

  test('are fetched in one go when all rows are read', async () => {
    const opened = await open(big, facts)
    expect(await readRows(opened, ids)).toHaveLength(600)
    expect(opened.reads.length).toBeLessThanOrEqual(4)
  })

  test('that were read are not fetched again', async () => {
    const opened = await open(big, facts)
    await readRows(opened, ids, { from: 10, to: 20 })
    const { requests } = opened.tally
    await readRows(opened, ids, { from: 12, to: 18 })
    expect(opened.tally.requests).toBe(requests)
  })

  test('are cached for the reader that hands in a cache, and read again without one', async () => {
    const [cached, same, uncached] = [new BlockCache(), new BlockCache(), null]
    const requestsOf = async (avroBlocks: BlockCache | null) => {
      const opened = await open(big, facts, big.length, avroBlocks)
      await readRows(opened, ids, { from: 10, to: 20 })
      const { requests } = opened.tally
      expect((await readRows(opened, ids, { from: 12, to: 18 })).map(([id]) => id)).toEqual([
        12n,
        13n,
        14n,
        15n,
        16n,
        17n,
      ])
      return opened.tally.requests - requests
    }
    expect([await requestsOf(cached), await requestsOf(same)]).toEqual([0, 0])
    expect(await requestsOf(uncached)).toBeGreaterThan(0)
  })

  test('before a row are passed to find it, and those behind it are not read', async () => {
    const opened = await open(big, facts)
    const [[last]] = (await readRows(opened, ids, { from: 300, to: 301 })) as [[RowValue]]
    expect(last).toBe(300n)
    expect(opened.tally.bytesRead).toBeLessThan(0.75 * big.length)
    expect(await readRows(opened, ids, { from: 4, to: 6 })).toEqual([[4n], [5n]])
  })

  test('that are long are skipped by their headers', async () => {
    const long = Array.from({ length: 8 }, (_, index) => [{ f1: index, f2: new Uint8Array(700_000) }])
    const file = buildAvroBytes(schema, long)
    const opened = await open(file, { recordCount: 8 })
    expect(await readRows(opened, ids, { from: 7, to: 8 })).toEqual([[7n]])
    expect(opened.tally.bytesRead).toBeLessThan(0.4 * file.length)
  })

  test('are found once by several reads at the same time', async () => {
    const opened = await open(big, facts)
    const ranges = [
      [0, 100],
      [500, 600],
      [50, 400],
      [599, 600],
    ] as const
    const results = await Promise.all(ranges.map(([from, to]) => readRows(opened, ids, { from, to })))
    expect(results.map((rows) => [rows[0]?.[0], rows.at(-1)?.[0], rows.length])).toEqual(
      ranges.map(([from, to]) => [BigInt(from), BigInt(to - 1), to - from]),
    )
  })

  test('are read by groups of rows when the file is large', async () => {
    const row = { f1: 7, f2: new Uint8Array(1_000_000) }
    const file = buildAvroBytes(
      schema,
      Array.from({ length: 12 }, () => [row]),
    )
    const opened = await open(file, { recordCount: 12 })
    expect(opened.file.rowGroups).toEqual([
      { firstRow: 0, rowCount: 5 },
      { firstRow: 5, rowCount: 5 },
      { firstRow: 10, rowCount: 2 },
    ])
    expect(await readRows(opened, ids)).toEqual(Array.from({ length: 12 }, () => [7n]))
    await expect(
      fetchGroup(opened.file, 3, { from: 0, to: 1, fields: ids, chunks: new Map(), reserveMemory: () => undefined }),
    ).rejects.toThrow('no row group 3')
  })
})

test('Avro files are read as rows of a scan, and another length than told is reported', async () => {
  const schema = record([stored(1, 'long'), stored(2, optional('string'))])
  const files = new Map(
    ['a', 'b'].map((name, file) => {
      const rows = Array.from({ length: 3 }, (_, index) => ({ f1: 3 * file + index, f2: `${name}${index}` }))
      return [name, buildAvroBytes(schema, [rows.slice(0, 1), rows.slice(1)])] as const
    }),
  )
  const sizeOf = (name: string) => files.get(name)?.length ?? 0
  const scanFile = (path: string, firstRowIndex: number, fileSizeBytes: number): ScanFile => {
    const rows = { recordCount: 3, firstRowIndex, sequenceNumber: 1, constants: new Map() }
    return { path, fileFormat: 'avro', fileSizeBytes, ...rows }
  }
  const reader = createRowReader({
    fields: [field(1, 'long'), field(2, 'string')],
    files: [scanFile('a', 0, sizeOf('a')), scanFile('b', 3, 7)],
    codecs,
    open: ({ path, fileSizeBytes }) => {
      const bytes = files.get(path) ?? new Uint8Array()
      const source: ByteSource = {
        name: path,
        byteLength: fileSizeBytes,
        read: async (start, end) => bytes.slice(start, end),
        readEnd: async (lengthBytes) => {
          source.byteLength = bytes.length
          return bytes.slice(-lengthBytes)
        },
      }
      return source
    },
  })
  const { columns } = await reader.readRows({ firstRow: 2, lastRow: 6, fieldIds: [2, 1] })
  expect(columns.get(1)).toEqual([2n, 3n, 4n, 5n])
  expect(columns.get(2)).toEqual(['a2', 'b0', 'b1', 'b2'])
  expect(reader.cost().sizeMismatches).toEqual([{ path: 'b', declaredBytes: 7, actualBytes: sizeOf('b') }])
})

describe('A view of rows of an Avro file', () => {
  const schema = record([
    stored(1, 'long'),
    stored(2, 'string'),
    stored(3, logical('long', 'timestamp-nanos')),
    stored(4, ['string', 'int']),
    stored(5, 'int'),
  ])
  const rowOf = (f5: number) => ({ f1: 7, f2: 'x', f3: 1_001, f4: { branch: 1, value: 3 }, f5 })
  const fields = [field(1, 'long'), field(2, 'long'), field(3, 'timestamp'), field(5, 'int')]
  const readShown = (bytes: Uint8Array) => {
    const file = { path: 'a', fileFormat: 'avro', fileSizeBytes: bytes.length, recordCount: 2 } as const
    const reader = createRowReader({
      fields,
      files: [{ ...file, firstRowIndex: 0, sequenceNumber: 1, constants: new Map() }],
      codecs,
      open: () => ({ name: 'a', byteLength: bytes.length, read: async (start, end) => bytes.slice(start, end) }),
    })
    return reader.readShownRows({ firstRow: 0, lastRow: 2, fieldIds: fields.map(({ id }) => id) })
  }

  test('has the columns that can be read, and says of each other cell why it cannot', async () => {
    const { columns } = await readShown(buildAvroBytes(schema, [[rowOf(5), rowOf(6)]]))
    const cell = (detail: string) => ({
      code: 'not-supported',
      file: 'a',
      message: `The Avro file a: column ${detail}`,
    })
    const text = cell('f2 holds string, which cannot be read as long')
    const nanos = cell('f3 holds nanos that cannot be converted exactly')
    expect(Object.fromEntries(columns)).toEqual({ 1: [7n, 7n], 2: [text, text], 3: [nanos, nanos], 5: [5, 6] })
  })

  test('has no value of damaged records, whose next values cannot be trusted', async () => {
    const damaged = buildAvroBytes(schema, [[rowOf(5), rowOf(2 ** 31)]])
    await expect(readShown(damaged)).rejects.toMatchObject({ code: 'file-damaged' })
  })

  test('has all columns of the inspector but those of several types', async () => {
    const bytes = buildAvroBytes(schema, [[rowOf(5), rowOf(6)]])
    const { file, tally } = await open(bytes, { recordCount: 2 })
    const { bytesRead } = tally
    const { rows } = await readFileRows(file, NAME, { from: 0, limit: 1 })
    const union = expect.objectContaining({ message: expect.stringContaining('column f4 is one of several types') })
    expect(rows).toEqual([[7n, 'x', 1_001n, union, 5]])
    // The file is small, so it was read when it was opened.
    expect(tally.bytesRead).toBe(bytesRead)
  })
})

describe('An Avro file that cannot be used', () => {
  const schema = record([stored(1, 'long'), stored(2, 'string')])
  const rows = Array.from({ length: 20 }, (_, index) => ({ f1: index, f2: `text ${index}` }))
  const bytes = buildAvroBytes(schema, [rows.slice(0, 12), rows.slice(12)])
  const fields = [field(1, 'long'), field(2, 'string')]
  const readAll = async (file: Uint8Array, facts: Partial<DataFileFacts> = {}, declaredBytes?: number) =>
    withFileName(NAME, async () => {
      const opened = await open(file, { recordCount: 20, ...facts }, declaredBytes)
      return await readRows(opened, fields, { limitBytes: 1e7 })
    })

  test('is read at its real length, whatever its table says', async () => {
    const expected = rows.map(({ f1, f2 }) => [BigInt(f1), f2])
    for (const declaredBytes of [1, 16, bytes.length - 1, bytes.length + 100, 10_000_000]) {
      expect(await readAll(bytes, {}, declaredBytes)).toEqual(expected)
    }
  })

  test('is damaged wherever it is truncated', async () => {
    for (let length = 0; length < bytes.length; length++) {
      await expect(readAll(bytes.slice(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: 'file-damaged',
        message: expect.stringContaining(`The Avro file ${NAME}`),
      })
    }
  })

  test('is damaged when it holds more or fewer rows than its manifest says', async () => {
    await expect(readAll(bytes, { recordCount: 21 })).rejects.toThrow(
      `The Avro file ${NAME} cannot be read: it holds 20 rows, but the table's manifest says 21`,
    )
    await expect(readAll(bytes, { recordCount: 19 })).rejects.toThrow('it holds more than 19 rows')
    await expect(readAll(bytes, { recordCount: 12 })).rejects.toThrow('it holds more than 12 rows')
  })

  test('is damaged when a block does not contain its records', async () => {
    const [first] = [buildAvroBytes(schema, [])]
    const blockOf = (count: number | bigint, body: number[], size: number | bigint = body.length) =>
      bytesOf(...first, ...encodeAvroLong(count), ...encodeAvroLong(size), ...body, ...SYNC_MARKER)
    const cases: [Uint8Array, string][] = [
      [blockOf(20, [0, 0]), 'a block of 20 records does not fit its 2 bytes'],
      [blockOf(20, new Array<number>(41).fill(0)), '1 bytes after its last record'],
      [blockOf(-1, [0, 0]), 'a count or size is negative'],
      [blockOf(20, [0, 0], 2 ** 40), 'reaches beyond its end'],
      [blockOf(2n ** 62n, [0, 0]), 'beyond 2^53'],
      [blockOf(20, new Array<number>(40).fill(0), 39), 'does not end where it should'],
    ]
    for (const [file, message] of cases)
      await expect(readAll(file)).rejects.toMatchObject({
        code: 'file-damaged',
        message: expect.stringContaining(message),
      })
  })

  test('is too large when a block is, before it is read', async () => {
    const header = buildAvroBytes(schema, [])
    const size = 129 * 1024 * 1024
    const start = bytesOf(...header, ...encodeAvroLong(20), ...encodeAvroLong(size))
    const file = { length: start.length + size + SYNC_MARKER.length }
    const source: ByteSource = {
      name: NAME,
      byteLength: file.length,
      read: async (from, to) => {
        const part = new Uint8Array(to - from)
        part.set(start.subarray(from, to))
        if (to === file.length) part.set(SYNC_MARKER, part.length - SYNC_MARKER.length)
        return part
      },
    }
    const facts: DataFileFacts = { fileFormat: 'avro', recordCount: 20, constants: new Map(), nameMapping: null }
    const tally = { bytesRead: 0, requests: 0 }
    const opened = await openDataFile(source, facts, { codecs, tally, tailBytes: 1 })
    await expect(readRows({ file: opened, reads: [], tally }, fields)).rejects.toMatchObject({ code: 'too-large' })
    expect(tally.bytesRead).toBeLessThan(20_000_000)
  })

  test('names a codec that is not supported, and a block that cannot be decompressed', async () => {
    for (const codec of ['bzip2', 'xz', 'lzo']) {
      await expect(readAll(buildAvroBytes(schema, [rows], { codec }))).rejects.toMatchObject({
        code: 'not-supported',
        message: `The Avro file ${NAME} is compressed with ${codec}, which Lakeshore cannot read`,
      })
    }
    const damaged = buildAvroBytes(schema, [rows], { codec: 'snappy', compress: () => new Uint8Array(3) })
    await expect(readAll(damaged)).rejects.toThrow('a block cannot be decompressed (snappy)')
  })

  test('may have a header that is longer than the first read', async () => {
    const header = { 'iceberg.schema': 'x'.repeat(500_000) }
    expect(await readAll(buildAvroBytes(schema, [rows], { header }))).toHaveLength(20)
    const huge = buildAvroBytes(schema, [rows], { header: { note: 'x'.repeat(17_000_000) } })
    await expect(readAll(huge)).rejects.toMatchObject({ code: 'file-damaged' })
  })

  test('is refused when its records are not records, or its schema is recursive', async () => {
    const mapping: NameMapping = []
    await expect(
      readAll(buildAvroBytes({ type: 'string' }, [[]]), { nameMapping: mapping, recordCount: 0 }),
    ).resolves.toEqual([])
    const texts = buildAvroBytes({ type: 'string' }, [['a']])
    await expect(readAll(texts, { nameMapping: mapping, recordCount: 1 })).rejects.toThrow('its values are not records')
    const recursive = record([stored(1, ['null', 'row'])])
    await expect(readAll(buildAvroBytes(recursive, []))).rejects.toThrow('contains the type “row” inside itself')
  })

  test('of ORC is refused with the reason', async () => {
    await expect(readAll(bytes, { fileFormat: 'orc' })).rejects.toMatchObject({
      code: 'not-supported',
      message: `${NAME}: it is written as ORC, whose rows Lakeshore cannot read`,
    })
  })

  test('gives rows or a clear error, whichever bytes are changed', async () => {
    const nested = record([
      stored(1, optional('long')),
      stored(2, optional('string')),
      stored(3, optional({ type: 'array', items: optional(record([stored(5, 'double')], 'e')), 'element-id': 4 })),
      stored(6, { type: 'map', values: optional('bytes') }),
      stored(9, optional(fixed(4, { logicalType: 'decimal', precision: 9, scale: 2 }))),
    ])
    const table = [
      field(1, 'long'),
      field(2, 'string'),
      field(3, {
        type: 'list',
        elementId: 4,
        element: { type: 'struct', fields: [field(5, 'double')] },
        elementRequired: false,
      }),
      field(6, { type: 'map', keyId: 7, key: 'string', valueId: 8, value: 'binary', valueRequired: false }),
      field(9, 'decimal(9, 2)'),
    ]
    const records = Array.from({ length: 30 }, (_, i) => ({
      f1: i % 3 ? i : null,
      f2: `t${i}`,
      f3: i % 4 ? [{ f5: i }, null] : null,
      f6: { k: bytesOf(i), l: null },
      f9: bytesOf(0, 0, 1, i),
    }))
    const file = buildAvroBytes(nested, [records.slice(0, 10), records.slice(10)])
    const random = createRandom(7)
    const outcomes = new Map<string, number>()
    for (let run = 0; run < 3000; run++) {
      const changed = file.slice()
      for (let change = 0; change <= run % 3; change++) changed[random(file.length)] = random(256)
      const outcome = await withFileName(NAME, async () => {
        const opened = await open(changed, { recordCount: 30 })
        return await readRows(opened, table, { limitBytes: 1e8 })
      }).then(
        (rows) => (rows.length === 30 ? 'rows' : `${rows.length} rows`),
        (error: unknown) => (error instanceof AppError && error.message.includes(NAME) ? error.code : String(error)),
      )
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect([...outcomes.keys()].sort()).toEqual(expect.arrayContaining(['file-damaged', 'not-supported', 'rows']))
    expect(
      [...outcomes.keys()].filter((key) => !['file-damaged', 'not-supported', 'too-large', 'rows'].includes(key)),
    ).toEqual([])
  })
})

/** Numbers below a limit, the same in every run. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

test('A block of the writer in tests is what a file contains', () => {
  const schema = record([stored(1, 'long')])
  const header = buildAvroBytes(schema, [])
  expect(buildAvroBytes(schema, [[{ f1: 1 }]])).toEqual(bytesOf(...header, ...buildAvroBlock(schema, [{ f1: 1 }])))
})
