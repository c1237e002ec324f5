import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import type { AvroBlockCodecs } from '@/lib/iceberg/avro/codecs'
import { buildAvroBlock, buildAvroBytes, encodeAvroLong, SYNC_MARKER } from '@/testing/iceberg/avro-bytes'
import { type AvroReadOptions, readAvroRecords } from './avro-records'
import { jsonTokenText } from './json-tokens'

/** Stands for any codec: all bytes are inverted. */
const invert = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0xff)
const codecs: AvroBlockCodecs = {
  decompress: (_codec, bytes, maxBytes) => {
    if (bytes.length === 3) throw new RangeError(`more than ${maxBytes}`)
    if (bytes.length === 5) throw new Error('damaged')
    return invert(bytes)
  },
}

type Read = { line: number; json: string; problem: string | null }

async function read(
  bytes: Uint8Array,
  { chunkBytes = bytes.length, ...options }: Partial<AvroReadOptions> & { chunkBytes?: number } = {},
): Promise<Read[]> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
  }
  const rows: Read[] = []
  const given = { name: 'a.avro', codecs, isTruncated: false, ignoredFields: [], ...options }
  for await (const records of readAvroRecords(chunks(), given))
    for (const { line, token, problem } of records) rows.push({ line, json: jsonTokenText(token), problem })
  return rows
}

const record = (fields: Record<string, unknown>, name = 'row') => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([key, type]) => ({ name: key, type })),
})
const one = (type: unknown) => record({ x: type })
const logical = (type: string, logicalType: string, more: object = {}) => ({ type, logicalType, ...more })
const bytes = (...values: number[]) => Uint8Array.from(values)
const fixed = (size: number, logicalType?: string, more: object = {}) => ({
  type: 'fixed',
  name: 'f',
  size,
  logicalType,
  ...more,
})

/** The values of the field `x`, as JSON. */
async function valuesOf(type: unknown, values: readonly unknown[], options: Partial<AvroReadOptions> = {}) {
  const rows = await read(buildAvroBytes(one(type), [values.map((x) => ({ x }))]), options)
  return rows.map(({ json }) => json.slice('{"x":'.length, -1))
}

const failure = (attempt: Promise<unknown>): Promise<AppError> =>
  attempt.then(
    () => expect.fail('it was read'),
    (error: unknown) => (error instanceof AppError ? error : expect.fail(String(error))),
  )

describe('A value of Avro', () => {
  test.each<[string, unknown, unknown[], string[]]>([
    ['a boolean', 'boolean', [true, false], ['true', 'false']],
    ['null', ['null', 'int'], [null], ['null']],
    ['an int', 'int', [-2_147_483_648, 2_147_483_647], ['-2147483648', '2147483647']],
    [
      'a long',
      'long',
      [-(2n ** 63n), 2n ** 63n - 1n, 9_007_199_254_740_993n],
      ['-9223372036854775808', '9223372036854775807', '9007199254740993'],
    ],
    ['a float', 'float', [0.1, -0, Infinity], ['0.10000000149011612', '-0.0', '"Infinity"']],
    [
      'a double',
      'double',
      [0.1, -0, NaN, -Infinity, 5e-324, 2 ** 60, 1e300, 1.7976931348623157e308],
      ['0.1', '-0.0', '"NaN"', '"-Infinity"', '5e-324', '1152921504606846976e0', '1e+300', '1.7976931348623157e+308'],
    ],
    ['a string', 'string', ['', 'a"\\\n', '𝄞\u0000'], ['""', '"a\\"\\\\\\n"', '"𝄞\\u0000"']],
    ['bytes', 'bytes', [bytes(), bytes(0, 255)], ['""', '"00ff"']],
    ['a fixed', fixed(2), [bytes(1, 171)], ['"01ab"']],
    ['an enum', { type: 'enum', name: 'e', symbols: ['RED', 'BLUE'] }, ['BLUE', 'RED'], ['"BLUE"', '"RED"']],
    ['an array', { type: 'array', items: ['null', 'int'] }, [[], [1, null]], ['[]', '[1,null]']],
    ['an array of nulls', { type: 'array', items: 'null' }, [[null, null]], ['[null,null]']],
    ['a map', { type: 'map', values: 'long' }, [{ b: 1n, a: 2n }], ['{"b":1,"a":2}']],
    [
      'a map with keys that are numbers',
      { type: 'array', logicalType: 'map', items: record({ key: 'int', value: ['null', 'string'] }, 'entry') },
      [
        [
          { key: 7, value: 'x' },
          { key: -1, value: null },
        ],
      ],
      ['{"7":"x","-1":null}'],
    ],
    [
      'a record',
      record({ a: 'int', b: record({ c: 'string' }, 'n') }, 'r'),
      [{ a: 1, b: { c: 'x' } }],
      ['{"a":1,"b":{"c":"x"}}'],
    ],
    [
      'a date',
      logical('int', 'date'),
      [0, -719_162, 2_932_896, 2_932_897],
      ['"1970-01-01"', '"0001-01-01"', '"9999-12-31"', '"+10000-01-01"'],
    ],
    [
      'milliseconds of a day',
      logical('int', 'time-millis'),
      [0, 86_399_999, -1],
      ['"00:00:00"', '"23:59:59.999"', '"-1"'],
    ],
    [
      'microseconds of a day',
      logical('long', 'time-micros'),
      [1n, 86_400_000_000n],
      ['"00:00:00.000001"', '"86400000000"'],
    ],
    ['an instant in milliseconds', logical('long', 'timestamp-millis'), [-1n], ['"1969-12-31T23:59:59.999Z"']],
    ['an instant in microseconds', logical('long', 'timestamp-micros'), [1n], ['"1970-01-01T00:00:00.000001Z"']],
    ['an instant in nanoseconds', logical('long', 'timestamp-nanos'), [1n], ['"1970-01-01T00:00:00.000000001Z"']],
    ['a local time', logical('long', 'local-timestamp-micros'), [1n], ['"1970-01-01T00:00:00.000001"']],
    [
      'a local time of Iceberg',
      logical('long', 'timestamp-micros', { 'adjust-to-utc': false }),
      [0n],
      ['"1970-01-01T00:00:00"'],
    ],
    [
      'an instant of Iceberg',
      logical('long', 'timestamp-micros', { 'adjust-to-utc': true }),
      [2n ** 63n - 1n],
      ['"+294247-01-10T04:00:54.775807Z"'],
    ],
    [
      'a decimal in bytes',
      logical('bytes', 'decimal', { precision: 4, scale: 2 }),
      [bytes(0x04, 0xd2), bytes(0xff), bytes(), bytes(0, 0, 0, 5)],
      ['12.34', '-0.01', '0.00', '0.05'],
    ],
    ['a decimal in a fixed', fixed(3, 'decimal', { precision: 5 }), [bytes(0xff, 0xff, 0x85)], ['-123']],
    [
      'a uuid in a fixed',
      fixed(16, 'uuid'),
      [Uint8Array.from({ length: 16 }, (_, i) => i)],
      ['"00010203-0405-0607-0809-0a0b0c0d0e0f"'],
    ],
    [
      'a uuid in a string',
      logical('string', 'uuid'),
      ['f79c3e09-677c-4bbd-a479-3f349cb785e7'],
      ['"f79c3e09-677c-4bbd-a479-3f349cb785e7"'],
    ],
    ['a logical type that Avro does not have', logical('long', 'money'), [5n], ['5']],
    ['a logical type of another type', logical('int', 'timestamp-micros'), [5], ['5']],
    [
      'a union of types with different forms',
      ['null', 'string', 'long', 'double', 'boolean'],
      [
        null,
        { branch: 1, value: '7' },
        { branch: 2, value: 7n },
        { branch: 3, value: 7.5 },
        { branch: 4, value: true },
      ],
      ['null', '"7"', '7', '7.5', 'true'],
    ],
  ])('keeps %s', async (_name, type, values, expected) => {
    expect(await valuesOf(type, values)).toEqual(expected)
  })

  test('keeps every long, double and time', async () => {
    const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    await fc.assert(
      fc.asyncProperty(
        fc.array(long, { minLength: 1 }),
        fc.array(fc.double(), { minLength: 1 }),
        async (longs, doubles) => {
          expect(await valuesOf('long', longs)).toEqual(longs.map(String))
          const read = (await valuesOf('double', doubles)).map((text) => Number(text.replaceAll('"', '')))
          expect(read.every((value, i) => Object.is(value, doubles[i]))).toBe(true)
          const days = longs.map((value) => Number(value % 2_900_000n))
          expect(await valuesOf(logical('int', 'date'), days.map(Math.abs))).toEqual(
            days.map((day) => JSON.stringify(new Date(Math.abs(day) * 86_400_000).toISOString().slice(0, 10))),
          )
          const decimals = await valuesOf(
            fixed(8, 'decimal', { scale: 3 }),
            longs.map((value) => new Uint8Array(BigInt64Array.of(value).buffer).toReversed()),
          )
          expect(decimals.map((text) => BigInt(text.replace('.', '')))).toEqual(longs)
          expect(decimals.every((text) => /^-?\d+[.]\d{3}$/.test(text))).toBe(true)
        },
      ),
      propertyRuns(50),
    )
  })

  test.each<[string, unknown, string]>([
    ['a duration', fixed(12, 'duration'), 'The field x of the Avro file a.avro is a duration'],
    ['a decimal with a scale of its own', logical('bytes', 'big-decimal'), 'a scale of its own in every row'],
    ['a decimal with a huge scale', logical('bytes', 'decimal', { scale: 1e9 }), 'the scale 1000000000'],
    ['a decimal with a negative scale', logical('bytes', 'decimal', { scale: -1 }), 'the scale -1'],
    ['a union of texts and bytes', ['null', 'string', 'bytes'], 'a union of several types (null, string, bytes)'],
    ['a union of two records', [record({ a: 'int' }, 'r'), record({ b: 'int' }, 's')], 'whose values would look alike'],
    ['a union of a map and a record', [record({ a: 'int' }, 'r'), { type: 'map', values: 'int' }], 'would look alike'],
    ['a union of times', [logical('int', 'date'), logical('long', 'timestamp-micros')], '(date, timestamp-micros)'],
    [
      'a map with keys that are records',
      { type: 'array', logicalType: 'map', items: record({ key: record({ a: 'int' }, 'k'), value: 'int' }, 'e') },
      'a map whose keys are not texts',
    ],
    [
      'a record that has a field twice',
      {
        ...record({ a: 'int' }, 'r'),
        fields: [
          { name: 'a', type: 'int' },
          { name: 'a', type: 'int' },
        ],
      },
      'is a record with the field a twice',
    ],
  ])('%s has no form in JSON, so the file is refused unless its field is ignored', async (_name, type, detail) => {
    const file = buildAvroBytes(record({ id: 'int', x: type }), [])
    const refused = await failure(read(file))
    expect(refused).toMatchObject({ code: 'not-supported', facts: { field: 'x' } })
    expect(refused.message).toContain(detail)
    expect(await read(file, { ignoredFields: ['x'] })).toEqual([])
  })

  test('of an ignored field without a form in JSON is null', async () => {
    const schema = record({ id: 'int', x: { type: 'array', items: fixed(12, 'duration') }, y: 'string' })
    const file = buildAvroBytes(schema, [[{ id: 1, x: [new Uint8Array(12)], y: 'after it' }]])
    const [row] = await read(file, { ignoredFields: ['x', 'y'] })
    expect(row?.json).toBe('{"id":1,"x":null,"y":"after it"}')
  })

  test('of a map that has a key twice is a problem of its record alone', async () => {
    const schema = one({ type: 'map', values: 'int' })
    const twice = [2, 2, 'k', 2, 2, 'k', 4, 0].map((part) => (part === 'k' ? 0x6b : Number(part)))
    const block = [encodeAvroLong(2), encodeAvroLong(9), bytes(4, ...twice.slice(1)), bytes(0), SYNC_MARKER]
    const rows = await read(Buffer.concat([buildAvroBytes(schema, []), ...block]))
    expect(rows.map(({ problem }) => problem)).toEqual(['has a map with the key "k" twice, in x', null])
  })
})

describe('An Avro file', () => {
  const schema = record({ id: 'int', text: 'string' })
  const blocks = Array.from({ length: 40 }, (_, block) =>
    Array.from({ length: block % 7 }, (__, i) => ({ id: block * 10 + i, text: `${block}/${i} ` })),
  )
  const expected = blocks.flat().map((row, i) => ({ line: i + 1, json: JSON.stringify(row), problem: null }))

  test('is read in order, in chunks of any size, with any codec', async () => {
    const plain = buildAvroBytes(schema, blocks)
    for (const chunkBytes of [1, 7, 64, plain.length]) expect(await read(plain, { chunkBytes })).toEqual(expected)
    for (const codec of ['deflate', 'snappy', 'zstandard'])
      expect(await read(buildAvroBytes(schema, blocks, { codec, compress: invert }), { chunkBytes: 100 })).toEqual(
        expected,
      )
  })

  test('yields few records at a time, so that a large block is not in memory as values', async () => {
    const file = buildAvroBytes(schema, [Array.from({ length: 5000 }, (_, id) => ({ id, text: 'x'.repeat(2000) }))])
    const counts: number[] = []
    async function* chunks() {
      yield file
    }
    for await (const records of readAvroRecords(chunks(), { name: 'a', codecs, isTruncated: false, ignoredFields: [] }))
      counts.push(records.length)
    expect(Math.max(...counts)).toBeLessThan(600)
    expect(counts.reduce((sum, count) => sum + count)).toBe(5000)
  })

  test('has a header of any length', async () => {
    const header = { note: 'x'.repeat(3_000_000) }
    expect(await read(buildAvroBytes(schema, blocks, { header }), { chunkBytes: 65_536 })).toEqual(expected)
    const tooLong = buildAvroBytes(schema, [], { header: { note: 'x'.repeat(17_000_000) } })
    expect(await failure(read(tooLong))).toMatchObject({ code: 'file-damaged' })
  })

  test('whose beginning is previewed ends with its last whole block', async () => {
    const file = buildAvroBytes(schema, blocks)
    const start = file.length - buildAvroBlock(schema, blocks.at(-1) ?? []).length
    for (let end = start; end < file.length; end += 1) {
      const rows = await read(file.subarray(0, end), { isTruncated: true })
      expect(rows).toEqual(expected.slice(0, -4))
      if (end === start) continue
      const refused = await failure(read(file.subarray(0, end)))
      expect(refused).toMatchObject({ code: 'file-damaged', facts: { position: start } })
      expect(refused.message).toContain(`the block at byte ${start} ends too early`)
    }
  })

  const head = buildAvroBytes(schema, [])
  const block = (recordCount: number | bigint, data: Uint8Array, marker = SYNC_MARKER) =>
    Buffer.concat([head, encodeAvroLong(recordCount), encodeAvroLong(data.length), data, marker])

  test.each<[string, Uint8Array, string, string]>([
    ['is text', Buffer.from('id,text\n1,x\n'), 'file-damaged', 'it is not an Avro file'],
    ['is empty', bytes(), 'file-damaged', 'it is not an Avro file'],
    ['ends within its header', head.subarray(0, 30), 'file-damaged', 'in the middle of a value'],
    [
      'has a wrong marker',
      block(
        1,
        bytes(2, 0),
        SYNC_MARKER.map((byte) => byte ^ 1),
      ),
      'file-damaged',
      `the block at byte ${head.length} does not end where it should`,
    ],
    [
      'counts too many records',
      block(2n ** 52n, bytes(2, 0)),
      'file-damaged',
      `the block at byte ${head.length} does not have room for 4503599627370496 records`,
    ],
    [
      'counts one record too many',
      block(2, bytes(2, 2, 0x61, 2)),
      'file-damaged',
      `(record 2, in the block at byte ${head.length})`,
    ],
    ['counts too few records', block(1, bytes(2, 0, 2, 0)), 'file-damaged', 'has 2 bytes after its last record'],
    ['has a negative count', block(-1, bytes(2, 0)), 'file-damaged', 'negative'],
    ['has a string beyond its block', block(1, bytes(2, 100, 0x61)), 'file-damaged', '(record 1, in the block'],
    ['has a string that is not UTF-8', block(1, bytes(2, 2, 0xff)), 'file-damaged', 'a string is not UTF-8 (record 1'],
    ['has an integer without end', block(1, new Uint8Array(20).fill(0xff)), 'file-damaged', 'longer than ten bytes'],
    [
      'has a block of 1 TiB',
      Buffer.concat([head, encodeAvroLong(1), encodeAvroLong(2n ** 40n)]),
      'too-large',
      `byte ${head.length}`,
    ],
    ['has an unknown codec', buildAvroBytes(schema, [], { codec: 'xz' }), 'not-supported', 'xz'],
    [
      'grows beyond the limit',
      buildAvroBytes(schema, [[{ id: 1, text: 'x' }]], { codec: 'deflate', compress: (plain) => plain }),
      'too-large',
      'more than 128 MiB',
    ],
    [
      'has a damaged block',
      buildAvroBytes(schema, [[{ id: 1, text: 'xyz' }]], { codec: 'deflate', compress: (plain) => plain }),
      'file-damaged',
      `at byte ${buildAvroBytes(schema, [], { codec: 'deflate' }).length}`,
    ],
    ['holds no records', buildAvroBytes({ type: 'string' }, []), 'not-supported', 'its values are not records'],
    [
      'has a field twice',
      buildAvroBytes({ ...schema, fields: [...schema.fields, ...schema.fields] }, []),
      'file-damaged',
      'the field id twice',
    ],
    ['is recursive', buildAvroBytes(record({ next: ['null', 'row'] }), []), 'file-damaged', 'inside itself'],
    [
      'has an enum that lies',
      Buffer.concat([
        buildAvroBytes(one({ type: 'enum', name: 'e', symbols: ['A'] }), []),
        encodeAvroLong(1),
        encodeAvroLong(1),
        bytes(2),
        SYNC_MARKER,
      ]),
      'file-damaged',
      'no symbol 1',
    ],
    [
      'has a branch that lies',
      Buffer.concat([
        buildAvroBytes(one(['null', 'int']), []),
        encodeAvroLong(1),
        encodeAvroLong(1),
        bytes(4),
        SYNC_MARKER,
      ]),
      'file-damaged',
      'no branch 2',
    ],
    [
      'counts 2^50 nulls',
      Buffer.concat([
        buildAvroBytes(one({ type: 'array', items: 'null' }), []),
        encodeAvroLong(1),
        encodeAvroLong(9),
        encodeAvroLong(2n ** 50n),
        bytes(0),
        SYNC_MARKER,
      ]),
      'too-large',
      'Record 1 of the Avro file a.avro is longer than 16 MiB',
    ],
  ])('that %s is refused', async (_name, file, code, detail) => {
    const refused = await failure(read(file))
    expect(refused.message).toContain(detail)
    expect(refused.code).toBe(code)
  })

  test('whose records repeat long names is refused instead of filling the memory', async () => {
    const long = record({ ['n'.repeat(100_000)]: 'null' }, 'r')
    const file = buildAvroBytes(one({ type: 'array', items: ['int', long] }), [
      [{ x: Array.from({ length: 1000 }, () => ({ branch: 1, value: {} })) }],
    ])
    expect(await failure(read(file))).toMatchObject({ code: 'too-large', facts: { line: 1 } })
  })

  test('of random bytes after its header is refused or read, and never hangs', async () => {
    const nested = record({
      a: ['null', { type: 'array', items: { type: 'map', values: ['null', 'double', 'string'] } }],
      b: 'bytes',
    })
    const start = buildAvroBytes(nested, [])
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.nat(20), async (data, recordCount) => {
        const file = Buffer.concat([start, encodeAvroLong(recordCount), encodeAvroLong(data.length), data, SYNC_MARKER])
        const outcome = await read(file).then(
          (rows) => rows.length === recordCount,
          (error: unknown) => error instanceof AppError,
        )
        expect(outcome).toBe(true)
      }),
      propertyRuns(500),
    )
  })
})

describe('Names of types in Avro', () => {
  test('belong to the namespace of the enclosing type', async () => {
    const inner = (namespace: string, type: string) => ({ ...record({ v: type }, 'Inner'), namespace })
    const schema = {
      ...record({ a: inner('one', 'int'), b: inner('two', 'string'), c: 'one.Inner', d: 'two.Inner' }, 'Outer'),
      namespace: 'one',
    }
    // In `one`, the name alone means the first of the two.
    const referring = { ...schema, fields: [...schema.fields, { name: 'e', type: 'Inner' }] }
    const data = bytes(2, 2, 0x78, 4, 2, 0x79, 6)
    const file = Buffer.concat([
      buildAvroBytes(referring, []),
      encodeAvroLong(1),
      encodeAvroLong(data.length),
      data,
      SYNC_MARKER,
    ])
    expect((await read(file)).map(({ json }) => json)).toEqual([
      '{"a":{"v":1},"b":{"v":"x"},"c":{"v":2},"d":{"v":"y"},"e":{"v":3}}',
    ])
  })
})
