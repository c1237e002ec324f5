import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import zlib from 'node:zlib'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { Json } from '@/lib/iceberg/json/json'
import type { NestedField, PrimitiveType, Type, Value } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { readFooter } from '@/lib/parquet/footer'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { plainTextPage, sampleTextFile } from '@/testing/parquet/sample-file'
import { findFixture } from '@/testing/find-fixture'
import { FILE_PATH, LAST_UPDATED_SEQUENCE_NUMBER, ROW_ID, ROW_POSITION } from './read/metadata-columns'
import { createDeleteFileBuilder } from './deletes/delete-file'
import type { RowValue } from './read/row-values'
import { planScan } from './plan/scan-plan'
import { createRowReader, type ReadLimits, type RowReader } from './read-rows'
import type { ScanFile } from './scan-files'

let folder: string
let duckdb: DuckDBConnection
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-rows-'))
  duckdb = await (await DuckDBInstance.create(':memory:')).connect()
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('columns are matched by field id', () => {
  test('a renamed column is read under its new name, and a column that was dropped and added again under the same name is null', async () => {
    const file = await writeSampleFile('rename', 'SELECT 7 AS old_name, 8 AS again', '{old_name: 1, again: 2}')
    const rows = await readAll([file], [field(1, 'new_name', 'int'), field(3, 'again', 'int')])
    expect(rows).toEqual({ new_name: [7], again: [null] })
  })

  test.each([
    ['int to long', 'SELECT (-2147483648)::INT AS a', 'long', -2147483648n],
    ['float to double', 'SELECT 0.1::FLOAT AS a', 'double', Math.fround(0.1)],
    ['decimal to more digits', 'SELECT 1.23::DECIMAL(4, 2) AS a', 'decimal(38, 2)', 123n],
    ['date to timestamp', "SELECT DATE '2001-06-30' AS a", 'timestamp', 993859200000000n],
  ] as const)('a column promoted from %s reads exactly', async (name, sql, type, value) => {
    const file = await writeSampleFile(`promoted ${name}`.replaceAll(' ', '-'), sql, '{a: 1}')
    expect(await readAll([file], [field(1, 'a', type)])).toEqual({ a: [value] })
  })

  test('fields of structs, lists and maps are matched at every depth', async () => {
    const file = await writeSampleFile(
      'nested',
      `SELECT * FROM (VALUES
        ({'lat': 1.5, 'gone': 'x'}, [{'n': 1}, NULL, {'n': 3}], MAP {'k': [10, NULL]}),
        (NULL, [], MAP {}),
        ({'lat': NULL, 'gone': 'y'}, NULL, NULL)) t(place, items, tags)`,
      `{place: {__duckdb_field_id: 1, lat: 2, gone: 3},
        items: {__duckdb_field_id: 4, element: {__duckdb_field_id: 5, n: 6}},
        tags: {__duckdb_field_id: 7, key: 8, value: {__duckdb_field_id: 9, element: 10}}}`,
    )
    const place: Type = {
      type: 'struct',
      fields: [field(20, 'added', 'string'), field(2, 'latitude', 'decimal(3, 1)')],
    }
    const items: Type = {
      type: 'list',
      elementId: 5,
      elementRequired: false,
      element: { type: 'struct', fields: [field(6, 'number', 'long'), field(21, 'added', 'int')] },
    }
    const tags: Type = {
      type: 'map',
      keyId: 8,
      key: 'string',
      valueId: 9,
      valueRequired: false,
      value: { type: 'list', elementId: 10, element: 'long', elementRequired: false },
    }
    const rows = await readAll([file], [field(1, 'place', place), field(4, 'items', items), field(7, 'tags', tags)])
    expect(rows).toEqual({
      place: [[null, 15n], null, [null, null]],
      items: [[[1n, null], null, [3n, null]], [], null],
      tags: [[['k', [10n, null]]], [], null],
    })
  })

  test('a struct whose fields are all newer than the file keeps its nulls', async () => {
    const file = await writeSampleFile(
      'witness',
      "SELECT * FROM (VALUES ({'a': 1}, [{'a': 1}, NULL]), (NULL, []), ({'a': NULL}, NULL)) t(s, l)",
      '{s: {__duckdb_field_id: 1, a: 2}, l: {__duckdb_field_id: 3, element: {__duckdb_field_id: 4, a: 5}}}',
    )
    const newerStruct: Type = { type: 'struct', fields: [field(9, 'newer', 'int')] }
    const list: Type = { type: 'list', elementId: 4, element: newerStruct, elementRequired: false }
    expect(await readAll([file], [field(1, 's', newerStruct), field(3, 'l', list)])).toEqual({
      s: [[null], null, [null]],
      l: [[[null], null], [], null],
    })
  })

  test('a partition value replaces a column that the file leaves out', async () => {
    const file = await writeSampleFile('constants', 'SELECT i AS a FROM range(2) t(i)', '{a: 1}')
    const fileWithConstants = {
      ...file,
      constants: new Map<number, Value | null>([
        [2, 'ABQ'],
        [3, null],
      ]),
    }
    const fields = [field(1, 'a', 'long'), field(2, 'origin', 'string'), field(3, 'none', 'string')]
    expect(await readAll([fileWithConstants], fields)).toEqual({
      a: [0n, 1n],
      origin: ['ABQ', 'ABQ'],
      none: [null, null],
    })
  })

  test('a file without field ids is refused if the table has no name mapping, and read if it has one', async () => {
    const file = await writeSampleFile('no-ids', 'SELECT 5 AS a, [1] AS l', '{}')
    const list: Type = { type: 'list', elementId: 3, element: 'int', elementRequired: false }
    const fields = [field(1, 'renamed', 'int'), field(2, 'l', list)]
    await expect(readAll([file], fields)).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('no-ids'),
    })
    const nameMapping = [
      { fieldId: 1, names: ['renamed', 'a'], fields: [] },
      { fieldId: 2, names: ['l'], fields: [{ fieldId: 3, names: ['element'], fields: [] }] },
    ]
    const reader = createRowReader({ codecs: pageCodecs, fields, files: [file], open: memorySource, nameMapping })
    const { columns } = await reader.readRows({ firstRow: 0, lastRow: 1, fieldIds: [1, 2] })
    expect([...columns.values()]).toEqual([[5], [[1]]])
  })

  test('an identity partition column of a file without field ids comes from the manifest, whatever the file has by its name', async () => {
    const file = await writeSampleFile('renamed-partition', `SELECT 'no number' AS city, 5 AS a`, '{}')
    const fields = [field(1, 'city', 'int'), field(2, 'a', 'int')]
    const nameMapping = fields.map(({ id, name }) => ({ fieldId: id, names: [name], fields: [] }))
    const files = [{ ...file, constants: new Map([[1, 7]]) }]
    const reader = createRowReader({ codecs: pageCodecs, fields, files, open: memorySource, nameMapping })
    const { columns } = await reader.readRows({ firstRow: 0, lastRow: 1, fieldIds: [1, 2] })
    expect([...columns.values()]).toEqual([[7], [5]])
  })

  test('a type from which the column cannot have been promoted is an error, not a wrong number', async () => {
    const file = await writeSampleFile(
      'misfit',
      "SELECT 'x' AS a, 1.5::DECIMAL(4, 1) AS d, 1::BIGINT AS l",
      '{a: 1, d: 2, l: 3}',
    )
    for (const wrong of [field(1, 'a', 'int'), field(2, 'd', 'decimal(4, 2)'), field(3, 'l', 'int')]) {
      await expect(readAll([file], [wrong])).rejects.toMatchObject({ code: 'not-supported' })
    }
  })
})

describe('metadata columns', () => {
  const lineageOf = async (file: ScanFile, firstRow = 0) => {
    const reader = createRowReader({ codecs: pageCodecs, fields: [], files: [file], open: memorySource })
    const fieldIds = [ROW_ID.id, LAST_UPDATED_SEQUENCE_NUMBER.id, FILE_PATH.id, ROW_POSITION.id]
    const { columns } = await reader.readRows({ firstRow, lastRow: file.recordCount, fieldIds })
    return fieldIds.map((id) => columns.get(id))
  }
  const firstRowId = '9223372036854700000'

  test('row ids and sequence numbers are inherited by rows that have none of their own, across row groups', async () => {
    const file = await writeSampleFile(
      'inherited',
      'SELECT i AS a FROM range(5000) t(i)',
      '{a: 1}',
      ', ROW_GROUP_SIZE 2048',
    )
    expect(await lineageOf({ ...file, sequenceNumber: 7, firstRowId }, 4998)).toEqual([
      [9_223_372_036_854_704_998n, 9_223_372_036_854_704_999n],
      [7n, 7n],
      [file.path, file.path],
      [4998n, 4999n],
    ])
  })

  test('values of the file stay, as after a rewrite of rows', async () => {
    const file = await writeSampleFile(
      'rewritten',
      'SELECT * FROM (VALUES (5::BIGINT, NULL::BIGINT), (NULL, 2), (9007199254740993, 3)) t(r, s)',
      '{r: 2147483540, s: 2147483539}',
    )
    const [rowIds, sequenceNumbers] = await lineageOf({ ...file, sequenceNumber: 7, firstRowId: '100' })
    expect(rowIds).toEqual([5n, 101n, 9_007_199_254_740_993n])
    expect(sequenceNumbers).toEqual([7n, 2n, 3n])
  })

  test('rows of files without a first row id, from before an upgrade to v3, have no lineage', async () => {
    const file = await writeSampleFile('upgraded', 'SELECT 1 AS a', '{a: 1}')
    expect((await lineageOf({ ...file, firstRowId: null })).slice(0, 2)).toEqual([[null], [null]])
  })

  test('row ids beyond 64 bits are refused', async () => {
    const file = await writeSampleFile('overflow', 'SELECT 1 AS a', '{a: 1}')
    const error = { code: 'file-damaged', message: expect.stringContaining('_row_id') }
    await expect(lineageOf({ ...file, firstRowId: '9223372036854775807' })).rejects.toMatchObject(error)
  })
})

describe('a column that the file lacks has its initial default', () => {
  const withDefault = (id: number, type: Type, initialDefault: Json): NestedField => ({
    ...field(id, `c${id}`, type),
    initialDefault,
  })

  test('of every type, from the examples of the specification', async () => {
    const file = await writeSampleFile('defaults', 'SELECT i AS a FROM range(2) t(i)', '{a: 1}')
    const fields = [
      withDefault(10, 'boolean', true),
      withDefault(11, 'int', 34),
      withDefault(12, 'long', 9_223_372_036_854_775_807n),
      withDefault(13, 'float', 0.1),
      withDefault(14, 'double', 1.5),
      withDefault(15, 'decimal(9, 2)', '14.20'),
      withDefault(16, 'date', '2017-11-16'),
      withDefault(17, 'time', '22:31:08.123456'),
      withDefault(18, 'timestamp', '2017-11-16T22:31:08.123456'),
      withDefault(19, 'timestamptz', '2017-11-16T22:31:08.123456+00:00'),
      withDefault(20, 'timestamp_ns', '2017-11-16T22:31:08.123456789'),
      withDefault(21, 'timestamptz_ns', '2017-11-16T22:31:08.123456789+00:00'),
      withDefault(22, 'string', 'iceberg'),
      withDefault(23, 'uuid', 'F79C3E09-677c-4bbd-a479-3f349cb785e7'),
      withDefault(24, 'fixed[4]', '000102ff'),
      withDefault(25, 'binary', '000102ff'),
    ]
    const bytes = Uint8Array.of(0, 1, 2, 255)
    const values = [
      true,
      34,
      9_223_372_036_854_775_807n,
      Math.fround(0.1),
      1.5,
      1420n,
      17_486,
      81_068_123_456n,
      1_510_871_468_123_456n,
      1_510_871_468_123_456n,
      1_510_871_468_123_456_789n,
      1_510_871_468_123_456_789n,
      'iceberg',
      'f79c3e09-677c-4bbd-a479-3f349cb785e7',
      bytes,
      bytes,
    ]
    const rows = await readAll([file], fields)
    expect(Object.values(rows)).toEqual(values.map((value) => [value, value]))
  })

  test('also inside a struct, a list and a map of the file, unless the struct is null', async () => {
    const file = await writeSampleFile(
      'nested-defaults',
      `SELECT * FROM (VALUES ({'a': 1}, [{'n': 1}, NULL], MAP {'k': {'m': 5}}), (NULL, [], NULL)) t(s, l, m)`,
      `{s: {__duckdb_field_id: 1, a: 2}, l: {__duckdb_field_id: 3, element: {__duckdb_field_id: 4, n: 5}},
        m: {__duckdb_field_id: 6, key: 7, value: {__duckdb_field_id: 8, m: 9}}}`,
    )
    const struct = (...fields: NestedField[]): Type => ({ type: 'struct', fields })
    const list = (element: Type): Type => ({ type: 'list', elementId: 4, element, elementRequired: false })
    const map = (value: Type): Type => ({
      type: 'map',
      keyId: 7,
      key: 'string',
      valueId: 8,
      value,
      valueRequired: false,
    })
    const added = struct(withDefault(21, 'int', 7), field(22, 'plain', 'int'))
    const fields = [
      field(1, 's', struct(field(2, 'a', 'int'), withDefault(20, 'string', 'x'), withDefault(23, added, {}))),
      field(3, 'l', list(struct(field(5, 'n', 'int'), withDefault(24, 'long', 8)))),
      field(6, 'm', map(struct(withDefault(25, 'boolean', false), field(9, 'm', 'int')))),
      withDefault(26, added, {}),
      withDefault(27, list('double'), [1.5, 2]),
    ]
    expect(await readAll([file], fields)).toEqual({
      s: [[1, 'x', [7, null]], null],
      l: [[[1, 8n], null], []],
      m: [[['k', [false, 5]]], null],
      c26: [
        [7, null],
        [7, null],
      ],
      c27: [
        [1.5, 2],
        [1.5, 2],
      ],
    })
  })

  test('unless a partition value replaces the column, and never its write default', async () => {
    const file = await writeSampleFile('default-or-constant', 'SELECT 1 AS a, NULL::INT AS b', '{a: 1, b: 5}')
    const constants = new Map<number, Value | null>([
      [2, 5],
      [3, null],
    ])
    const fields = [
      withDefault(2, 'int', 7),
      withDefault(3, 'int', 7),
      { ...field(4, 'c4', 'int'), writeDefault: 7 },
      withDefault(5, 'int', 7),
    ]
    expect(await readAll([{ ...file, constants }], fields)).toEqual({ c2: [5], c3: [null], c4: [null], c5: [null] })
  })

  test('and a default that is not a value of its column is reported', async () => {
    const file = await writeSampleFile('bad-default', 'SELECT 1 AS a', '{a: 1}')
    for (const [type, json] of [
      ['int', 'x'],
      ['decimal(3, 1)', '1.25'],
      ['variant', 1],
    ] as const) {
      await expect(readAll([file], [withDefault(2, type, json)])).rejects.toMatchObject({
        code: 'file-damaged',
        message: expect.stringContaining('c2'),
      })
    }
  })
})

describe.skipIf(findFixture('iceberg') === null)(
  'tables written by other engines (skipped if they are not there)',
  () => {
    test("Spark's renamed column is read under its new name, rows in the order of the scan", async () => {
      const { reader, names } = await tableReader('iceberg/spark/rename_column', 'v3.metadata.json')
      const { columns } = await reader.readRows({ firstRow: 0, lastRow: reader.rowCount, fieldIds: [1, 2, 3, 4, 5] })
      expect(names).toEqual(['id', 'name', 'event_date', 'price', 'active'])
      const byId = (columns.get(1) ?? []).map((_, row) => [1, 2, 3, 4, 5].map((id) => columns.get(id)?.[row]))
      expect(byId.sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
        [1, 'Flopsy 🐇', 18_993, 999n, true],
        [2, 'Mopsy–Naïve', 18_993, -500n, false],
        [3, 'Cottontail', null, 0n, true],
        [4, 'Thumper', 18_994, 9_999_999_999n, false],
      ])
      expect((await reader.findFile(0))?.file.path).toContain('id_bucket=3')
    })

    const LISTED_IN_JAVA = [0, 1, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19]
    test.each([
      ['java', 'before its deletes', 'v3.metadata.json', Array.from({ length: 21 }, (_, i) => i)],
      ['java', 'with deletes by position', 'v4.metadata.json', [...LISTED_IN_JAVA, 20]],
      // The row at 20 is deleted by its value, and its successor is in a file of its own.
      ['java', 'with deletes by value, too', 'v5.metadata.json', [...LISTED_IN_JAVA, 0]],
      ['spark', 'with deletes by position', 'v3.metadata.json', Array.from({ length: 20 }, (_, i) => i + 1)],
    ])('rows that delete files of %s delete are not read: %s', async (engine, _, version, positions) => {
      const { reader, fields } = await tableReader(`iceberg/${engine}/bunnies`, version)
      const fieldIds = fields.map(({ id }) => id)
      const batch = await reader.readRows({ firstRow: 0, lastRow: reader.rowCount, fieldIds })
      expect([...batch.positions]).toEqual(positions)
      expect(reader.rowCount).toBe(positions.length)
      const names = batch.columns.get(fieldIds[0] ?? 0) ?? []
      expect(new Set(names).size).toBe(positions.length)
      expect(names).not.toContain(null)
      expect(names.at(-1)).toBe('New Zealand')
      expect(await reader.findFile(positions.length - 1)).toMatchObject({ position: positions.at(-1) })
    })

    test("Athena's table can be read", async () => {
      const { reader, fields } = await tableReader(
        'iceberg/athena/example',
        '00001-aaf0d033-d06b-43c7-be60-67f83abd4aca.metadata.json',
      )
      const { columns } = await reader.readRows({
        firstRow: 0,
        lastRow: reader.rowCount,
        fieldIds: fields.map(({ id }) => id),
      })
      expect(Object.fromEntries(fields.map(({ id, name }) => [name, columns.get(id)]))).toEqual({
        id: [1, 2],
        name: ['Alice', 'Bob'],
      })
    })
  },
)

describe('every value is exact', () => {
  test('as DuckDB wrote it, at the limits of every type', async () => {
    const file = await writeSampleFile(
      'exact',
      `SELECT * FROM (VALUES
        (true, 2147483647::INT, 9223372036854775807::BIGINT, 'NaN'::FLOAT, '-Infinity'::DOUBLE,
         99999999999999999999999999999999999999::DECIMAL(38, 0), DATE '9999-12-31', TIME '23:59:59.999999',
         TIMESTAMP '2001-03-06 09:03:00.000001', TIMESTAMPTZ '1969-12-31 23:59:59.999999+00',
         '2262-04-11 23:47:16.854775806'::TIMESTAMP_NS, '', 'f47ac10b-58cc-4372-a567-0e02b2c3d479'::UUID, '\\x00\\xFF'::BLOB),
        (false, (-2147483648)::INT, -9223372036854775807::BIGINT, '-0'::FLOAT, '-0'::DOUBLE,
         -99999999999999999999999999999999999999::DECIMAL(38, 0), DATE '0001-01-01', TIME '00:00:00',
         TIMESTAMP '0001-01-01 00:00:00', TIMESTAMPTZ '9999-12-31 23:59:59.999999+00',
         '1677-09-22 00:00:00'::TIMESTAMP_NS, 'Łódź 🚣', '00000000-0000-0000-0000-000000000000'::UUID, ''::BLOB))
        t(b, i, l, f, d, dec, da, ti, ts, tz, ns, s, u, bin)`,
      '{b: 1, i: 2, l: 3, f: 4, d: 5, dec: 6, da: 7, ti: 8, ts: 9, tz: 10, ns: 11, s: 12, u: 13, bin: 14}',
    )
    const types: PrimitiveType[] = [
      'boolean',
      'int',
      'long',
      'float',
      'double',
      'decimal(38, 0)',
      'date',
      'time',
      'timestamp',
      'timestamptz',
      'timestamp_ns',
      'string',
      'uuid',
      'binary',
    ]
    const rows = await readAll(
      [file],
      types.map((type, i) => field(i + 1, type, type)),
    )
    expect(rows).toEqual({
      boolean: [true, false],
      int: [2147483647, -2147483648],
      long: [9223372036854775807n, -9223372036854775807n],
      float: [Number.NaN, -0],
      double: [Number.NEGATIVE_INFINITY, -0],
      'decimal(38, 0)': [10n ** 38n - 1n, -(10n ** 38n - 1n)],
      date: [2932896, -719162],
      time: [86399999999n, 0n],
      timestamp: [983869380000001n, -62135596800000000n],
      timestamptz: [-1n, 253402300799999999n],
      timestamp_ns: [9223372036854775806n, -9223286400000000000n],
      string: ['', 'Łódź 🚣'],
      uuid: ['f47ac10b-58cc-4372-a567-0e02b2c3d479', '00000000-0000-0000-0000-000000000000'],
      binary: [Uint8Array.of(0, 255), new Uint8Array(0)],
    })
  })

  test('nanoseconds in a column of microseconds are refused, not truncated', async () => {
    const file = await writeSampleFile('nanos', "SELECT '2001-01-01 00:00:00.000000001'::TIMESTAMP_NS AS a", '{a: 1}')
    await expect(readAll([file], [field(1, 'a', 'timestamp')])).rejects.toMatchObject({ code: 'not-supported' })
  })

  test('a string that is not UTF-8 is returned as bytes', async () => {
    const file = await writeSampleFile('latin1', "SELECT 'a\\xE9'::BLOB AS a", '{a: 1}')
    expect(await readAll([file], [field(1, 'a', 'string')])).toEqual({ a: [Uint8Array.of(0x61, 0xe9)] })
  })
})

describe('only what is needed is read', () => {
  const COLUMNS = [field(1, 'i', 'long'), field(2, 's', 'string'), field(3, 'd', 'double')]
  let file: ScanFile

  beforeAll(async () => {
    file = await writeSampleFile(
      'big',
      "SELECT i, 'value ' || (i * 7919 % 100003) AS s, random() AS d FROM range(300000) t(i)",
      '{i: 1, s: 2, d: 3}',
      ', ROW_GROUP_SIZE 50000',
    )
  })

  test('the bytes of the column chunks that contain the rows, and the footer', async () => {
    const { reader, spans } = countedReader([file], COLUMNS)
    const { columns } = await reader.readRows({ firstRow: 120_000, lastRow: 120_003, fieldIds: [1, 3] })
    expect(columns.get(1)).toEqual([120_000n, 120_001n, 120_002n])
    const footer = await readFooter(memorySource(file))
    const needed = [0, 2].reduce((sum, leaf) => sum + (footer.rowGroups[2]?.columns[leaf]?.storedBytes ?? 0), 0)
    const { bytesRead, requests, filesRead } = reader.cost()
    expect({ requests, filesRead }).toEqual({ requests: 3, filesRead: 1 })
    expect(bytesRead).toBe(spans.reduce((sum, { start, end }) => sum + end - start, 0))
    expect(bytesRead - needed).toBeLessThanOrEqual(64 * 1024)
  })

  test('decoded pages are not read again', async () => {
    const { reader } = countedReader([file], COLUMNS)
    await reader.readRows({ firstRow: 0, lastRow: 100, fieldIds: [1] })
    const before = reader.cost()
    await reader.readRows({ firstRow: 40_000, lastRow: 40_100, fieldIds: [1] })
    expect(reader.cost()).toEqual(before)
  })

  test('the least recently used pages are read again once the cache is full', async () => {
    const { reader } = countedReader([file], COLUMNS, { cacheBytes: 500_000 })
    await reader.readRows({ firstRow: 0, lastRow: 100, fieldIds: [1] })
    await reader.readRows({ firstRow: 250_000, lastRow: 250_100, fieldIds: [1] })
    const before = reader.cost()
    const { columns } = await reader.readRows({ firstRow: 0, lastRow: 2, fieldIds: [1] })
    expect(columns.get(1)).toEqual([0n, 1n])
    expect(reader.cost().bytesRead).toBeGreaterThan(before.bytesRead)
  })

  test('rows across files and row groups are in order', async () => {
    const second = { ...file, firstRowIndex: 300_000 }
    const { reader } = countedReader([file, second], COLUMNS)
    const { columns } = await reader.readRows({ firstRow: 299_998, lastRow: 300_002, fieldIds: [1] })
    expect(columns.get(1)).toEqual([299_998n, 299_999n, 0n, 1n])
    const overGroups = await reader.readRows({ firstRow: 49_999, lastRow: 50_001, fieldIds: [1] })
    expect(overGroups.columns.get(1)).toEqual([49_999n, 50_000n])
    expect(reader.rowCount).toBe(600_000)
    expect(await reader.findFile(300_001)).toEqual({ file: second, position: 1 })
    expect(await reader.findFile(600_000)).toBeNull()
  })

  test('calls wait for one another, and a call beyond the end is empty', async () => {
    const { reader } = countedReader([file], COLUMNS)
    const [first, second] = await Promise.all([
      reader.readRows({ firstRow: 0, lastRow: 1, fieldIds: [2] }),
      reader.readRows({ firstRow: 300_000, lastRow: 300_100, fieldIds: [2] }),
    ])
    expect(first.columns.get(2)).toEqual(['value 0'])
    expect(second.columns.get(2)).toEqual([])
  })

  const pages = findFixture('parquet-testing/data/alltypes_tiny_pages.parquet')
  test.skipIf(pages === null)(
    'of a file with an offset index (skipped if it is not there), only the pages that contain the rows',
    async () => {
      const bytes = new Uint8Array(readFileSync(pages ?? ''))
      const tinyPagesFile = { ...scanFile('alltypes_tiny_pages.parquet', bytes.length, 7300), bytes }
      const fields = [field(1, 'id', 'int'), field(2, 'string_col', 'string')]
      const nameMapping = fields.map(({ id, name }) => ({ fieldId: id, names: [name], fields: [] }))
      const spans: { start: number; end: number }[] = []
      const reader = createRowReader({
        codecs: pageCodecs,
        fields,
        files: [tinyPagesFile],
        open: () => countedSource(bytes, spans),
        nameMapping,
      })
      const { columns } = await reader.readRows({ firstRow: 5000, lastRow: 5002, fieldIds: [1, 2] })
      const expected = await duckdb.runAndReadAll(`SELECT id, string_col::VARCHAR FROM '${pages}' LIMIT 2 OFFSET 5000`)
      expect([columns.get(1), columns.get(2)]).toEqual(expected.getColumns())
      const footer = await readFooter(countedSource(bytes, []))
      const chunkBytes = [0, 9].reduce((sum, leaf) => sum + (footer.rowGroups[0]?.columns[leaf]?.storedBytes ?? 0), 0)
      const footerBytes = 64 * 1024
      expect(reader.cost().bytesRead - footerBytes).toBeLessThan(chunkBytes / 2)
    },
  )
})

describe('a file that would be shown incorrectly is refused by name', () => {
  test('one with another number of rows than the manifest says', async () => {
    const file = { ...(await writeSampleFile('count', 'SELECT 1 AS a', '{a: 1}')), recordCount: 2 }
    await expect(readAll([file], [field(1, 'a', 'int')])).rejects.toMatchObject({
      code: 'file-damaged',
      message: expect.stringContaining('holds 1 rows'),
      facts: { file: file.path },
    })
  })

  test('one that is truncated', async () => {
    const file = await writeSampleFile('cut', 'SELECT i AS a FROM range(1000) t(i)', '{a: 1}')
    const allBytes = new Uint8Array(readFileSync(file.path))
    for (const length of [0, 3, 11, allBytes.length - 1, Math.floor(allBytes.length / 2)]) {
      const reader = createRowReader({
        codecs: pageCodecs,
        fields: [field(1, 'a', 'long')],
        files: [{ ...file, fileSizeBytes: length }],
        open: () => ({ ...countedSource(allBytes.subarray(0, length), []), name: file.path }),
      })
      await expect(reader.readRows({ firstRow: 0, lastRow: 1, fieldIds: [1] })).rejects.toMatchObject({
        code: 'file-damaged',
        facts: { file: file.path },
      })
    }
  })

  test('one in which any byte is changed gives rows or an AppError, never a crash or a hang', async () => {
    const file = await writeSampleFile(
      'fuzz',
      `SELECT i AS a, 'text ' || (i % 7) AS b, CASE WHEN i % 3 = 0 THEN NULL ELSE [i, NULL] END AS c FROM range(200) t(i)`,
      '{a: 1, b: 2, c: {__duckdb_field_id: 3, element: 4}}',
      ', COMPRESSION zstd',
    )
    const allBytes = new Uint8Array(readFileSync(file.path))
    const list: Type = { type: 'list', elementId: 4, element: 'long', elementRequired: false }
    const fields = [field(1, 'a', 'long'), field(2, 'b', 'string'), field(3, 'c', list)]
    let rejectedCount = 0
    for (let at = 0; at < allBytes.length; at++) {
      const corrupted = allBytes.slice()
      corrupted[at] = (corrupted[at] ?? 0) ^ (1 + (at % 255))
      const reader = createRowReader({
        codecs: pageCodecs,
        fields,
        files: [file],
        open: () => countedSource(corrupted, []),
        limits: { decodedBytes: 16 * 1024 * 1024 },
      })
      const error = await reader
        .readRows({ firstRow: 0, lastRow: 200, fieldIds: [1, 2, 3] })
        .catch((thrown: unknown) => thrown)
      if (!(error instanceof Error)) continue
      rejectedCount += 1
      expect(error).toBeInstanceOf(AppError)
    }
    expect(rejectedCount).toBeGreaterThan(allBytes.length / 4)
  })
})

describe('a page that is not as long as it claims gives an error that names its file, quickly and in limited memory', () => {
  const CODECS = { gzip: zlib.gzipSync, zstd: zlib.zstdCompressSync, brotli: zlib.brotliCompressSync } as const
  const names = ['gzip', 'zstd', 'brotli'] as const
  const readAllRows = async (bytes: Uint8Array, rowCount = 1) => {
    const file = scanFile('/lake/bomb.parquet', bytes.length, rowCount)
    const open = () => ({ ...countedSource(bytes, []), name: file.path })
    const reader = createRowReader({ codecs: pageCodecs, fields: [field(1, 's', 'string')], files: [file], open })
    return await reader.readRows({ firstRow: 0, lastRow: rowCount, fieldIds: [1] })
  }
  const facts = { file: '/lake/bomb.parquet' }

  test.each(names)('%s that expands to 64 MiB but claims a kilobyte', async (codec) => {
    const stored = new Uint8Array(CODECS[codec](plainTextPage(64 * 1024 * 1024)))
    const file = sampleTextFile({ rowCount: 1, codec, stored, encodedBytes: 1024 })
    await expect(readAllRows(file)).rejects.toMatchObject({ code: 'file-damaged', facts })
  })

  test.each(names)('%s of a few bytes that claims two gigabytes', async (codec) => {
    const stored = new Uint8Array(CODECS[codec](plainTextPage(10)))
    const file = sampleTextFile({ rowCount: 1, codec, stored, encodedBytes: 2 ** 31 - 1 })
    await expect(readAllRows(file)).rejects.toMatchObject({ code: 'too-large', facts })
  })

  test.each(names)('%s that really contains one text of 100 MiB', async (codec) => {
    const page = plainTextPage(100 * 1024 * 1024)
    const stored = new Uint8Array(CODECS[codec](page))
    const file = sampleTextFile({ rowCount: 1, codec, stored, encodedBytes: page.length })
    await expect(readAllRows(file)).rejects.toMatchObject({ code: 'too-large', facts })
  })

  test.each(names)('%s that is as long as it claims is read', async (codec) => {
    const page = plainTextPage(100_000)
    const stored = new Uint8Array(CODECS[codec](page))
    const { columns } = await readAllRows(sampleTextFile({ rowCount: 1, codec, stored, encodedBytes: page.length }))
    expect(columns.get(1)).toEqual(['y'.repeat(100_000)])
  })

  test('a long text that a dictionary repeats in every row is not copied for each row', async () => {
    const file = await writeSampleFile(
      'repeated',
      "SELECT [s, s, s, s] AS l FROM (SELECT repeat('y', 20000) AS s FROM range(1000))",
      '{l: {__duckdb_field_id: 1, element: 2}}',
      ', COMPRESSION zstd',
    )
    const list: Type = { type: 'list', elementId: 2, element: 'string', elementRequired: false }
    const { reader } = countedReader([file], [field(1, 'l', list)])
    await expect(reader.readRows({ firstRow: 0, lastRow: 1000, fieldIds: [1] })).rejects.toMatchObject({
      code: 'too-large',
      facts: { file: file.path },
    })
    expect((await reader.readRows({ firstRow: 0, lastRow: 2, fieldIds: [1] })).columns.get(1)).toHaveLength(2)
  })
})

describe('a call is limited', () => {
  test('in rows, in memory for decoding and in width', async () => {
    const file = await writeSampleFile('wide', "SELECT repeat('x', 100000) || i AS s FROM range(100) t(i)", '{s: 1}')
    const fields = [field(1, 's', 'string')]
    const limitedReader = (limits: Partial<ReadLimits>) => countedReader([file], fields, limits).reader
    const all = { firstRow: 0, lastRow: 100, fieldIds: [1] }
    for (const limits of [{ rows: 50 }, { decodedBytes: 10_000 }, { valueBytes: 5_000_000 }]) {
      await expect(limitedReader(limits).readRows(all)).rejects.toMatchObject({ code: 'too-large' })
    }
    expect((await limitedReader({}).readRows({ ...all, lastRow: 2 })).columns.get(1)).toHaveLength(2)
  })

  test('a small file of a long value repeated a million times is read without expanding it', async () => {
    const file = await writeSampleFile(
      'bomb',
      "SELECT repeat('y', 1000) AS s FROM range(1000000) t(i)",
      '{s: 1}',
      ', COMPRESSION zstd',
    )
    expect(file.fileSizeBytes).toBeLessThan(100_000)
    const { reader } = countedReader([file], [field(1, 's', 'string')], { decodedBytes: 32 * 1024 * 1024 })
    const { columns } = await reader.readRows({ firstRow: 500_000, lastRow: 500_010, fieldIds: [1] })
    expect(columns.get(1)?.[9]).toBe('y'.repeat(1000))
  })

  test('a cancelled call says so and the next one succeeds', async () => {
    const file = await writeSampleFile('cancel', 'SELECT 1 AS a', '{a: 1}')
    const controller = new AbortController()
    const reader = createRowReader({
      codecs: pageCodecs,
      fields: [field(1, 'a', 'int')],
      files: [file],
      open: () => ({
        ...memorySource(file),
        read: (start, end, signal) => {
          if (signal?.aborted) return Promise.reject(new AppError('cancelled', 'cancelled'))
          return memorySource(file).read(start, end)
        },
      }),
    })
    controller.abort()
    const range = { firstRow: 0, lastRow: 1, fieldIds: [1] }
    await expect(reader.readRows({ ...range, signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' })
    expect((await reader.readRows(range)).columns.get(1)).toEqual([1])
  })

  test('a column that is not in the schema is not found', async () => {
    const file = await writeSampleFile('unknown-column', 'SELECT 1 AS a', '{a: 1}')
    const { reader } = countedReader([file], [field(1, 'a', 'int')])
    await expect(reader.readRows({ firstRow: 0, lastRow: 1, fieldIds: [9] })).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })
})

/** Writes a Parquet file with DuckDB, with field ids. */
async function writeSampleFile(name: string, sql: string, fieldIds: string, options = ''): Promise<ScanFile> {
  const file = path.join(folder, `${name}.parquet`)
  const ids = fieldIds === '{}' ? '' : `, FIELD_IDS ${fieldIds}`
  await duckdb.run(`COPY (${sql}) TO '${file}' (FORMAT parquet${ids}${options})`)
  const bytes = readFileSync(file)
  const footer = await readFooter(memorySource({ path: file }))
  return scanFile(file, bytes.length, footer.rowCount)
}

function scanFile(file: string, fileSizeBytes: number, recordCount: number): ScanFile {
  return { path: file, fileSizeBytes, recordCount, firstRowIndex: 0, sequenceNumber: 1, constants: new Map() }
}

function field(id: number, name: string, type: Type): NestedField {
  return { id, name, required: false, type }
}

async function readAll(files: readonly ScanFile[], fields: readonly NestedField[]) {
  const reader = createRowReader({ codecs: pageCodecs, fields, files, open: memorySource })
  const { columns } = await reader.readRows({
    firstRow: 0,
    lastRow: reader.rowCount,
    fieldIds: fields.map(({ id }) => id),
  })
  const rows: Record<string, readonly (RowValue | null)[] | undefined> = {}
  for (const { id, name } of fields) rows[name] = columns.get(id)
  return rows
}

function memorySource(file: { path: string }): ByteSource {
  return { ...countedSource(new Uint8Array(readFileSync(file.path)), []), name: file.path }
}

function countedSource(bytes: Uint8Array, spans: { start: number; end: number }[]): ByteSource {
  return {
    name: 'memory',
    byteLength: bytes.length,
    read: (start, end) => {
      spans.push({ start, end })
      return Promise.resolve(bytes.slice(start, end))
    },
  }
}

function countedReader(files: readonly ScanFile[], fields: readonly NestedField[], limits: Partial<ReadLimits> = {}) {
  const spans: { start: number; end: number }[] = []
  const open = (file: ScanFile) => countedSource(new Uint8Array(readFileSync(file.path)), spans)
  return { reader: createRowReader({ codecs: pageCodecs, fields, files, open, limits }), spans }
}

/** All manifests of the fixtures use deflate. */
const DEFLATE: AvroCodecs = {
  deflate: (bytes) => zlib.deflateRawSync(bytes),
  decompress: (_, bytes) => zlib.inflateRawSync(bytes),
}

/** Opens a table of another engine, with its locations mapped to the fixtures. */
async function tableReader(
  folderName: string,
  metadataFile: string,
): Promise<{ reader: RowReader; names: string[]; fields: readonly NestedField[] }> {
  const root = findFixture(folderName) ?? ''
  const metadata = readTableMetadata(readFileSync(path.join(root, 'metadata', metadataFile), 'utf8'))
  const local = (location: string) => path.join(root, location.replace(/^.*?\/(metadata|data)\//, '$1/'))
  const { snapshot, schema } = resolveAsOf(metadata, {})
  const plan = await planScan(
    { metadata, snapshot },
    { readFile: (location) => Promise.resolve(new Uint8Array(readFileSync(local(location)))), codecs: DEFLATE },
  )
  const tasks = await plan.listTasks({ fromFile: 0 })
  const entries = (await plan.readDeletes())?.entries ?? []
  const toDeleteFile = createDeleteFileBuilder(metadata)
  const files = tasks.map(({ filePath, deletes, ...task }): ScanFile => {
    const applied = deletes.flatMap((index) => entries[index] ?? []).map(toDeleteFile)
    return { ...task, path: filePath, deletes: applied }
  })
  const open = (file: { path: string }) => memorySource({ path: local(file.path) })
  const reader = createRowReader({ codecs: pageCodecs, fields: schema.fields, files, open, openDelete: open })
  return { reader, names: schema.fields.map(({ name }) => name), fields: schema.fields }
}
