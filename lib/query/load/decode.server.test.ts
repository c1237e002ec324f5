import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '@/lib/iceberg/json/json'
import type { NestedField, Type, Value } from '@/lib/iceberg/schema/types'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { duckdbType } from '@/lib/query/duckdb/duckdb-type'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { type NodeDuckdb, resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { decodeColumns, type FileFacts, openFile, summarizeFooter } from './decode'
import { sumFooterSizes } from './estimate'

/**
 * Files written by DuckDB go through the browser's own path (footer, ranges, pages, mapping by field id, Arrow,
 * DuckDB-WASM). The result must equal what DuckDB itself reads from them.
 */

const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-decode-'))
let native: Awaited<ReturnType<DuckDBInstance['connect']>>
let wasm: NodeDuckdb

beforeAll(async () => {
  native = await (await DuckDBInstance.create(':memory:')).connect()
  await native.run("set timezone = 'UTC'")
  wasm = await resetNodeDuckdb()
})
afterAll(() => rmSync(folder, { recursive: true }))

const field = (id: number, name: string, type: Type): NestedField => ({ id, name, type, required: false })

describe('every type arrives exactly', () => {
  const cases: [label: string, type: Type, sql: string, ids: string][] = [
    ['boolean', 'boolean', 'unnest([true, false, null])', '1'],
    ['int', 'int', 'unnest([-2147483648, 0, null, 2147483647])::int', '1'],
    [
      'long beyond 2^53',
      'long',
      'unnest([-9223372036854775808, 9007199254740993, null, 9223372036854775807])::bigint',
      '1',
    ],
    ['float', 'float', "unnest(['0.1', '-inf', 'nan', null])::float", '1'],
    ['double', 'double', "unnest([0.1, 1e308, 'nan', null])::double", '1'],
    ['date', 'date', "unnest(['0001-01-01', '1969-12-31', null, '9999-12-31'])::date", '1'],
    ['time', 'time', "unnest(['00:00:00', '23:59:59.999999', null])::time", '1'],
    [
      'timestamp to the microsecond',
      'timestamp',
      "unnest(['1969-12-31 23:59:59.999999', '2001-03-06 09:03:00.123456', null])::timestamp",
      '1',
    ],
    ['timestamp of nanoseconds', 'timestamp_ns', "unnest(['2001-03-06 09:03:00.123456789', null])::timestamp_ns", '1'],
    ['string', 'string', "unnest(['', 'ß ✈ 😀', null, repeat('long ', 40)])", '1'],
    ['binary', 'binary', "unnest([''::blob, '\\x00\\xFF'::blob, null])", '1'],
    ['uuid', 'uuid', "unnest(['00112233-4455-6677-8899-aabbccddeeff', null])::uuid", '1'],
    ['decimal in 32 bits', 'decimal(9, 2)', 'unnest([-9999999.99, 0.01, null])::decimal(9,2)', '1'],
    ['decimal in 64 bits', 'decimal(18, 3)', 'unnest([-999999999999999.999, null, 0.001])::decimal(18,3)', '1'],
    [
      'decimal in 128 bits',
      'decimal(38, 10)',
      "unnest(['-9999999999999999999999999999.9999999999', '0.0000000001', null])::decimal(38,10)",
      '1',
    ],
    [
      'list',
      { type: 'list', elementId: 2, element: 'long', elementRequired: false },
      'unnest([[1, null, 3], [], null])::bigint[]',
      '{__duckdb_field_id: 1, element: 2}',
    ],
    [
      'struct',
      { type: 'struct', fields: [field(2, 'a', 'int'), field(3, 'b', 'string')] },
      "unnest([{'a': 1, 'b': 'x'}, {'a': null, 'b': null}, null])::struct(a int, b varchar)",
      '{__duckdb_field_id: 1, a: 2, b: 3}',
    ],
    [
      'map of lists',
      {
        type: 'map',
        keyId: 2,
        key: 'string',
        valueId: 3,
        value: { type: 'list', elementId: 4, element: 'int', elementRequired: false },
        valueRequired: false,
      },
      "unnest([map {'a': [1, 2], 'b': null}, map {}, null])::map(varchar, int[])",
      '{__duckdb_field_id: 1, key: 2, value: {__duckdb_field_id: 3, element: 4}}',
    ],
  ]
  test.each(cases)('%s', async (_, type, sql, ids) => {
    const file = await writeSampleFile(`select ${sql} as x`, `{x: ${ids}}`)
    const rows = await loadThroughWasm(file, [field(1, 'x', type)])
    expect(rows).toEqual(await nativeRows(`select x::varchar from read_parquet('${file}')`))
    expect(rows.length).toBeGreaterThan(1)
  })

  test('a timestamp with zone stays the same instant', async () => {
    const file = await writeSampleFile("select timestamptz '2001-03-06 09:03:00.123456+02' as x", '{x: 1}')
    expect(await loadThroughWasm(file, [field(1, 'x', 'timestamptz')])).toEqual([['2001-03-06 07:03:00.123456+00']])
  })
})

describe("columns are found by field id, in the snapshot's schema", () => {
  test('renamed, reordered and dropped columns, one added later, one from the partition', async () => {
    const file = await writeSampleFile(
      "select i as a, 'v' || i as b, i * 2 as gone from range(3) r(i)",
      '{a: 1, b: 2, gone: 3}',
    )
    const fields = [
      field(2, 'late', 'string'),
      field(9, 'added', 'double'),
      field(1, 'first', 'long'),
      field(7, 'day', 'date'),
    ]
    expect(await loadThroughWasm(file, fields, new Map([[7, 11_387]]))).toEqual([
      ['v0', null, '0', '2001-03-06'],
      ['v1', null, '1', '2001-03-06'],
      ['v2', null, '2', '2001-03-06'],
    ])
  })

  test('a reused name of a dropped column does not match the old column', async () => {
    const file = await writeSampleFile('select 1 as a', '{a: 1}')
    expect(await loadThroughWasm(file, [field(5, 'a', 'int')])).toEqual([[null]])
  })

  test('widened types: int to long, float to double, decimal to more digits', async () => {
    const file = await writeSampleFile(
      'select 7::int as a, 0.1::float as b, 1.50::decimal(9,2) as c',
      '{a: 1, b: 2, c: 3}',
    )
    const fields = [field(1, 'a', 'long'), field(2, 'b', 'double'), field(3, 'c', 'decimal(38, 2)')]
    expect(await loadThroughWasm(file, fields)).toEqual([['7', '0.10000000149011612', '1.50']])
  })

  test('a field renamed, added and left out inside a struct, a list and a map', async () => {
    const file = await writeSampleFile(
      "select {'a': 1, 'b': 'x'} as s, [{'a': 2, 'b': 'y'}] as l, map {'k': {'a': 3, 'b': 'z'}} as m",
      `{s: {__duckdb_field_id: 1, a: 2, b: 3},
        l: {__duckdb_field_id: 4, element: {__duckdb_field_id: 5, a: 6, b: 7}},
        m: {__duckdb_field_id: 8, key: 9, value: {__duckdb_field_id: 10, a: 11, b: 12}}}`,
    )
    const struct = (renamed: number, added: number): Type => ({
      type: 'struct',
      fields: [field(renamed, 'new', 'string'), field(added, 'added', 'int')],
    })
    const fields = [
      field(1, 's', struct(3, 20)),
      field(4, 'l', { type: 'list', elementId: 5, element: struct(7, 21), elementRequired: false }),
      field(8, 'm', { type: 'map', keyId: 9, key: 'string', valueId: 10, value: struct(12, 22), valueRequired: false }),
    ]
    expect(await loadThroughWasm(file, fields)).toEqual([
      ["{'new': x, 'added': NULL}", "[{'new': y, 'added': NULL}]", "{k={'new': z, 'added': NULL}}"],
    ])
  })

  test('a type that cannot be promoted is refused, not cast', async () => {
    const file = await writeSampleFile("select '12' as a, 1.25::decimal(9,2) as b", '{a: 1, b: 2}')
    await expect(loadThroughWasm(file, [field(1, 'a', 'long')])).rejects.toThrow(
      /holds BYTE_ARRAY \(string\), which cannot be read as long/,
    )
    await expect(loadThroughWasm(file, [field(2, 'b', 'decimal(9, 1)')])).rejects.toThrow(
      /which cannot be read as decimal/,
    )
  })

  test('a file without field ids uses the name mapping of its table, at every depth', async () => {
    const file = await writeSampleFile("select 1 as a, [{'b': 2}] as l, map {'k': {'b': 3}} as m")
    const struct = (id: number): Type => ({ type: 'struct', fields: [field(id, 'renamed', 'int')] })
    const names = (name: string, fieldId: number, fields: NameMapping = []) => ({ names: [name], fieldId, fields })
    const nameMapping = [
      names('a', 1),
      names('l', 2, [names('element', 3, [names('b', 4)])]),
      names('m', 5, [names('key', 6), names('value', 7, [names('b', 8)])]),
    ]
    const fields = [
      field(5, 'm', { type: 'map', keyId: 6, key: 'string', valueId: 7, value: struct(8), valueRequired: false }),
      field(1, 'x', 'long'),
      field(2, 'l', { type: 'list', elementId: 3, element: struct(4), elementRequired: false }),
    ]
    expect(await loadThroughWasm(file, fields, new Map(), { nameMapping })).toEqual([
      ["{k={'renamed': 3}}", '1', "[{'renamed': 2}]"],
    ])
  })

  test('constants of every type with identity partitions', async () => {
    const file = await writeSampleFile('select 1 as a', '{a: 1}')
    const values: [type: Type, value: Value, text: string][] = [
      ['int', -7, '-7'],
      ['long', 2n ** 60n + 1n, '1152921504606846977'],
      ['boolean', true, 'true'],
      ['float', Math.fround(0.1), '0.1'],
      ['double', 0.1, '0.1'],
      ['decimal(38, 10)', -10_000_000_001n, '-1.0000000001'],
      ['date', 11_387, '2001-03-06'],
      ['time', 3_661_000_001n, '01:01:01.000001'],
      ['timestamp', 983_869_380_123_456n, '2001-03-06 09:03:00.123456'],
      ['timestamptz', 983_869_380_123_456n, '2001-03-06 09:03:00.123456+00'],
      ['timestamptz_ns', 983_869_380_123_456_789n, '2001-03-06T09:03:00.123456789+00:00'],
      ['timestamp_ns', 983_869_380_123_456_789n, '2001-03-06 09:03:00.123456789'],
      ['uuid', '00112233-4455-6677-8899-aabbccddeeff', '00112233-4455-6677-8899-aabbccddeeff'],
      ['string', "it's 😀", "it's 😀"],
      ['binary', Uint8Array.of(0, 255), '\\x00\\xFF'],
      ['fixed[2]', Uint8Array.of(1, 65), '\\x01A'],
    ]
    const fields = values.map(([type], i) => field(10 + i, `c${i}`, type))
    const constants = new Map<number, Value | null>(values.map(([, value], i) => [10 + i, value]))
    expect(await loadThroughWasm(file, fields, constants)).toEqual([values.map(([, , text]) => text)])
    expect(await loadThroughWasm(file, [field(10, 'n', 'int')], new Map([[10, null]]))).toEqual([[null]])
  })

  test('a file with another number of rows than in its manifest is damaged', async () => {
    const file = await writeSampleFile('select 1 as a', '{a: 1}')
    await expect(openSample(file, { recordCount: 2 })).rejects.toMatchObject({ code: 'file-damaged' })
  })

  test('a file without field ids is refused', async () => {
    const file = await writeSampleFile('select 1 as a')
    await expect(loadThroughWasm(file, [field(1, 'a', 'int')])).rejects.toThrow(
      /columns have no field ids, and the table has no name mapping/,
    )
  })
})

describe('row groups of one file', () => {
  const many = `select i, case when i % 7 <> 0 then 'city ' || (i // 2048 * 3 + i % 5) end as city,
    'ß ' || i as label, case when i < 9000 then null else i / 4 end as share, [i, null] as nested
    from range(12288) r(i)`
  const ids = '{i: 1, city: 2, label: 3, share: 4, nested: {__duckdb_field_id: 5, element: 6}}'
  const columns = [
    field(1, 'i', 'long'),
    field(2, 'city', 'string'),
    field(3, 'label', 'string'),
    field(4, 'share', 'double'),
    field(7, 'added', 'int'),
  ]
  const nested = field(5, 'nested', { type: 'list', elementId: 6, element: 'long', elementRequired: false })
  const expected = async (file: string) =>
    (
      await nativeRows(
        `select i::varchar, city, label, share::varchar, null, nested::varchar from read_parquet('${file}') order by i`,
      )
    ).map((row) => row.slice(0, 6))

  test('are inserted together', async () => {
    const file = await writeSampleFile(many, ids, ', row_group_size 2048')
    const sample = await openSample(file)
    const rowGroups = sample.rowGroups.map((_, i) => i)
    expect(rowGroups.length).toBeGreaterThan(5)
    const { batches, rowCount } = await decodeColumns(sample, { rowGroups, fields: columns })
    expect({ batches: batches.length, rowCount }).toEqual({ batches: 1, rowCount: 12_288 })
    expect(await loadThroughWasm(file, columns)).toEqual((await expected(file)).map((row) => row.slice(0, 5)))
  })

  test('are inserted one by one when a value is nested', async () => {
    const file = await writeSampleFile(many, ids, ', row_group_size 2048')
    const sample = await openSample(file)
    const rowGroups = sample.rowGroups.map((_, i) => i)
    const { batches } = await decodeColumns(sample, { rowGroups, fields: [...columns, nested] })
    expect(batches).toHaveLength(rowGroups.length)
    expect(await loadThroughWasm(file, [...columns, nested])).toEqual(await expected(file))
  })

  test('are joined up to 2 MiB of values', async () => {
    const file = await writeSampleFile(
      "select repeat('x', 400) || hash(i)::varchar as s from range(12288) r(i)",
      '{s: 1}',
      ', row_group_size 2048',
    )
    const text = field(1, 's', 'string')
    const sample = await openSample(file)
    expect(sample.rowGroups).toHaveLength(6)
    const { batches, rowCount } = await decodeColumns(sample, { rowGroups: [0, 1, 2, 3, 4, 5], fields: [text] })
    expect(rowCount).toBe(12_288)
    expect(batches.map((batch) => tableFromIPC(batch).numRows)).toEqual([4_096, 4_096, 4_096])
  })
})

describe('only the needed bytes are read', () => {
  test('one column of one row group, and rows without any column', async () => {
    const file = await writeSampleFile(
      'select i as a, random()::varchar as b, (hash(i) // 3)::bigint as c from range(30000) r(i)',
      '{a: 1, b: 2, c: 3}',
      ', row_group_size 10240',
    )
    const parquetFile = await openSample(file)
    const [, secondGroup] = summarizeFooter(parquetFile).rowGroups
    const decoded = await decodeColumns(parquetFile, { rowGroups: [1], fields: [field(3, 'c', 'long')] })
    expect(decoded.rowCount).toBe(10_240)
    expect(decoded.readBytes).toBe(secondGroup?.columns[2]?.storedBytes)
    const none = await decodeColumns(parquetFile, { rowGroups: [0, 1, 2], fields: [] })
    expect(none).toMatchObject({ rowCount: 30_000, readBytes: 0 })
  })

  test('a footer longer than the first read needs a second read', async () => {
    const columns = Array.from({ length: 200 }, (_, i) => `${i} as column_${i}`)
    const ids = columns.map((_, i) => `column_${i}: ${i + 1}`)
    const file = await writeSampleFile(`select ${columns.join(', ')}`, `{${ids.join(', ')}}`)
    const parquetFile = await openSample(file, { tailBytes: 64 })
    expect(parquetFile).toMatchObject({ footer: { footerBytes: parquetFile.footerReadBytes - 8 } })
    const fields = [field(200, 'last', 'int')]
    const { batches } = await decodeColumns(parquetFile, { rowGroups: [0], fields })
    expect(tableFromIPC(batches[0]).get(0)?.toJSON()).toEqual({ last: 199 })
  })
})

test('a truncated file is reported as damaged, with its name', async () => {
  const file = await writeSampleFile('select i as a from range(1000) r(i)', '{a: 1}')
  writeFileSync(file, readFileSync(file).subarray(0, 400))
  await expect(openSample(file, { recordCount: 1000 })).rejects.toMatchObject({ code: 'file-damaged', facts: { file } })
})

test('variants are JSON text and geometries well-known text in DuckDB', async () => {
  const file = await writeSampleFile(
    `select {'id': 9007199254740993, 'price': 2.50::decimal(9, 2)}::variant as v, 'POINT Z (1 2 3)'::geometry as g
      union all select NULL, NULL`,
    '{v: 1, g: 2}',
  )
  const fields: NestedField[] = [
    { id: 1, name: 'v', required: false, type: 'variant' },
    { id: 2, name: 'g', required: false, type: 'geometry(srid:4326)' },
    { id: 3, name: 'u', required: false, type: 'unknown' },
  ]
  expect(await loadThroughWasm(file, fields)).toEqual([
    ['{"id":9007199254740993,"price":2.50}', 'POINT Z (1 2 3)', null],
    // DuckDB writes a null as the null of variants.
    ['null', null, null],
  ])
})

test('initial defaults, nested ones too, are in every row of DuckDB', async () => {
  const file = await writeSampleFile("select {'a': i} as s from range(2) r(i)", '{s: {__duckdb_field_id: 1, a: 2}}')
  const withDefault = (id: number, type: Type, initialDefault: Json): NestedField => {
    return { id, name: `c${id}`, required: false, type, initialDefault }
  }
  const inner: Type = {
    type: 'struct',
    fields: [
      { id: 2, name: 'a', required: false, type: 'long' },
      withDefault(3, 'decimal(9, 2)', '14.20'),
      withDefault(4, { type: 'struct', fields: [withDefault(5, 'string', 'x')] }, {}),
    ],
  }
  const list: Type = { type: 'list', elementId: 7, element: 'double', elementRequired: false }
  const map: Type = { type: 'map', keyId: 9, key: 'string', valueId: 10, value: 'int', valueRequired: false }
  const fields: NestedField[] = [
    { id: 1, name: 's', required: false, type: inner },
    withDefault(6, list, [1.5, 2]),
    withDefault(8, map, { keys: ['k'], values: [7] }),
    withDefault(11, 'timestamp', '2017-11-16T22:31:08.123456'),
    withDefault(12, 'uuid', 'f79c3e09-677c-4bbd-a479-3f349cb785e7'),
  ]
  const others = ['[1.5, 2.0]', '{k=7}', '2017-11-16 22:31:08.123456', 'f79c3e09-677c-4bbd-a479-3f349cb785e7']
  expect(await loadThroughWasm(file, fields)).toEqual([
    ["{'a': 0, 'c3': 14.20, 'c4': {'c5': x}}", ...others],
    ["{'a': 1, 'c3': 14.20, 'c4': {'c5': x}}", ...others],
  ])
})

describe('An Avro file', () => {
  const schema = {
    type: 'record',
    name: 'row',
    fields: [
      { name: 'id', type: 'long', 'field-id': 1 },
      { name: 'city', type: ['null', 'string'], 'field-id': 2 },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' }, 'field-id': 3 },
      {
        name: 'tags',
        type: { type: 'array', items: ['null', 'string'], 'element-id': 5 },
        'field-id': 4,
      },
      {
        name: 'fare',
        type: { type: 'fixed', name: 'f', size: 4, logicalType: 'decimal', precision: 9, scale: 2 },
        'field-id': 6,
      },
    ],
  }
  const rows = Array.from({ length: 5 }, (_, index) => ({
    id: 2n ** 60n + BigInt(index),
    city: index % 2 ? `city ${index}` : null,
    at: 1_500_000 * index,
    tags: index === 3 ? [] : ['a', null],
    fare: Uint8Array.of(0, 0, 1, index),
  }))
  const fields = [
    field(1, 'id', 'long'),
    field(2, 'city', 'string'),
    field(3, 'at', 'timestamp'),
    field(4, 'tags', { type: 'list', elementId: 5, element: 'string', elementRequired: false }),
    field(6, 'fare', 'decimal(9, 2)'),
    field(7, 'part', 'string'),
  ]

  function writeAvroSample(): string {
    const file = path.join(folder, `${++fileCount}.avro`)
    const bytes = buildAvroBytes(schema, [rows.slice(0, 2), rows.slice(2)], {
      codec: 'deflate',
      compress: (plain) => new Uint8Array(deflateRawSync(plain)),
    })
    writeFileSync(file, bytes)
    return file
  }

  test('has the same values in DuckDB', async () => {
    const facts = { fileFormat: 'avro' as const, recordCount: 5 }
    expect(await loadThroughWasm(writeAvroSample(), fields, new Map([[7, 'p']]), facts)).toEqual([
      ['1152921504606846976', null, '1970-01-01 00:00:00', '[a, NULL]', '2.56', 'p'],
      ['1152921504606846977', 'city 1', '1970-01-01 00:00:01.5', '[a, NULL]', '2.57', 'p'],
      ['1152921504606846978', null, '1970-01-01 00:00:03', '[a, NULL]', '2.58', 'p'],
      ['1152921504606846979', 'city 3', '1970-01-01 00:00:04.5', '[]', '2.59', 'p'],
      ['1152921504606846980', null, '1970-01-01 00:00:06', '[a, NULL]', '2.60', 'p'],
    ])
  })

  test('is summarized by its rows, because its columns are only read together', async () => {
    const file = await openSample(writeAvroSample(), { fileFormat: 'avro', recordCount: 5 })
    const summary = summarizeFooter(file)
    const { byteLength, rowGroups } = summary
    expect(rowGroups).toMatchObject([{ rowCount: 5, storedTogetherBytes: byteLength }])
    expect(rowGroups[0]?.columns.map(({ fieldId }) => fieldId)).toEqual([1, 2, 3, 4, 6])
    const size = sumFooterSizes([summary], fields.slice(0, 1))
    expect(size).toMatchObject({ rowCount: 5, storedBytes: byteLength, decodedBytes: 40 })
  })
})

let fileCount = 0
async function writeSampleFile(sql: string, fieldIds?: string, options = ''): Promise<string> {
  const file = path.join(folder, `${++fileCount}.parquet`)
  const ids = fieldIds === undefined ? '' : `, field_ids ${fieldIds}`
  await native.run(`copy (${sql}) to '${file}' (format parquet${ids}${options})`)
  return file
}

function memorySource(file: string): ByteSource {
  const bytes = readFileSync(file)
  return {
    name: file,
    byteLength: bytes.length,
    read: async (start, end) => new Uint8Array(bytes.subarray(start, end)),
  }
}

async function openSample(file: string, facts: Partial<FileFacts> = {}) {
  const recordCount =
    facts.recordCount ?? Number((await nativeRows(`select count(*) from read_parquet('${file}')`))[0]?.[0])
  return await openFile(
    memorySource(file),
    { tailBytes: 4096, constants: new Map(), nameMapping: null, ...facts, recordCount },
    pageCodecs,
  )
}

/** The rows as text, read back from DuckDB-WASM after insertion into a table of the schema's types. */
async function loadThroughWasm(
  file: string,
  fields: readonly NestedField[],
  constants: FileFacts['constants'] = new Map(),
  facts: Partial<FileFacts> = {},
): Promise<(string | null)[][]> {
  const parquetFile = await openSample(file, { constants, ...facts })
  const rowGroups = parquetFile.rowGroups.map((_, i) => i)
  const { batches } = await decodeColumns(parquetFile, { rowGroups, fields })
  wasm.run(
    `create or replace table t (${fields.map((f) => `${quoteIdentifier(f.name)} ${duckdbType(f.type)}`).join(', ')})`,
  )
  for (const batch of batches) wasm.insert({ name: 't' }, batch)
  const texts = fields.map((f) => `${quoteIdentifier(f.name)}::varchar as ${quoteIdentifier(f.name)}`)
  return tableFromIPC(wasm.run(`select ${texts.join(', ')} from t`))
    .toArray()
    .map((row) => fields.map((f) => row[f.name]))
}

async function nativeRows(sql: string) {
  return (await native.runAndReadAll(sql)).getRows()
}
