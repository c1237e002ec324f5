import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { readFooter } from '@/lib/parquet/footer'
import { findFixture } from '@/testing/find-fixture'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import type { RowValue } from './read/row-values'
import { createRowReader } from './read-rows'

let folder: string
let duckdb: DuckDBConnection
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-variants-'))
  duckdb = await (await DuckDBInstance.create(':memory:')).connect()
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a variant that DuckDB wrote', () => {
  test('has every type exactly', async () => {
    const file = await write(
      'types',
      `SELECT * FROM (VALUES (NULL::VARIANT), (true::VARIANT), ((-128)::TINYINT::VARIANT),
        (9223372036854775807::BIGINT::VARIANT), (12345678901234567890.123456789::DECIMAL(38, 9)::VARIANT),
        (0.1::FLOAT::VARIANT), (1e300::DOUBLE::VARIANT), ('é "x"'::VARIANT), ('\\x00\\xFF'::BLOB::VARIANT),
        (DATE '2024-02-29'::VARIANT), (TIME '12:33:54.123456'::VARIANT),
        (TIMESTAMP '1957-11-07 12:33:54.123456'::VARIANT), (TIMESTAMPTZ '2024-11-07 12:33:54+00'::VARIANT),
        ('2024-11-07 12:33:54.123456789'::TIMESTAMP_NS::VARIANT),
        ('f24f9b64-81fa-49d1-b74e-8c09a6e31c56'::UUID::VARIANT)) t(v)`,
    )
    expect(await read(file)).toEqual([
      'null',
      'true',
      '-128',
      '9223372036854775807',
      '12345678901234567890.123456789',
      '0.1',
      '1e+300',
      '"é \\"x\\""',
      '"AP8="',
      '"2024-02-29"',
      '"12:33:54.123456"',
      '"1957-11-07T12:33:54.123456"',
      '"2024-11-07T12:33:54+00:00"',
      '"2024-11-07T12:33:54.123456789"',
      '"f24f9b64-81fa-49d1-b74e-8c09a6e31c56"',
    ])
  })

  const ROWS = `SELECT * FROM (VALUES
    ({'a': 1::BIGINT, 'b': ['x', 'y'], 'z': {'deep': [1, NULL]}}::VARIANT), ({'a': 'text'}::VARIANT),
    ({'b': []::VARCHAR[], 'c': 2.50::DECIMAL(4, 2)}::VARIANT), ([1, 2]::VARIANT), (NULL), (7::VARIANT),
    ({'a': NULL, 'b': ['x', NULL]}::VARIANT)) t(v)`
  const EXPECTED = [
    '{"a":1,"b":["x","y"],"z":{"deep":[1,null]}}',
    '{"a":"text"}',
    '{"b":[],"c":2.50}',
    '[1,2]',
    'null',
    '7',
    '{"a":null,"b":["x",null]}',
  ]

  test.each([
    ['not shredded', ''],
    ['shredded into an object', ", SHREDDING {v: 'STRUCT(a BIGINT, b VARCHAR[])'}"],
    ['shredded into an array', ", SHREDDING {v: 'INTEGER[]'}"],
    ['shredded into a number', ", SHREDDING {v: 'INTEGER'}"],
  ])('is the same %s', async (name, options) => {
    expect(await read(await write(name, ROWS, options))).toEqual(EXPECTED)
  })

  test('is read by rows, inside of lists and structs, shredded or not, and is null where it is', async () => {
    const variant = (value: string, typed: string) =>
      `{'metadata': '\\x01\\x00\\x00'::BLOB, 'value': ${value}::BLOB, 'typed_value': ${typed}::BIGINT}`
    const file = await write(
      'nested',
      `SELECT {'x': [${variant("'\\x04'", 'NULL')}, NULL, ${variant('NULL', 'i')}],
        'y': CASE WHEN i = 1 THEN NULL ELSE ${variant('NULL', 'NULL')} END} AS v FROM range(3) t(i)`,
    )
    const nested: Type = {
      type: 'struct',
      fields: [
        {
          id: 3,
          name: 'x',
          required: false,
          type: { type: 'list', elementId: 4, element: 'variant', elementRequired: false },
        },
        { id: 2, name: 'y', required: false, type: 'variant' },
      ],
    }
    expect(await read(file, nested, { firstRow: 1 })).toEqual([
      [['true', null, '1'], null],
      [['true', null, '2'], 'null'],
    ])
  })

  test('is not guessed at if the column is something else', async () => {
    for (const [name, sql] of [
      ['text', "SELECT 'x' AS v"],
      ['struct', "SELECT {'value': 'x'::BLOB} AS v"],
      ['number', "SELECT {'metadata': '\\x01\\x00\\x00'::BLOB, 'value': 1} AS v"],
    ] as const) {
      await expect(read(await write(`not-a-variant-${name}`, sql))).rejects.toMatchObject({ code: 'not-supported' })
    }
    const contradiction = `SELECT {'metadata': '\\x01\\x00\\x00'::BLOB, 'value': '\\x00'::BLOB, 'typed_value': 1} AS v`
    await expect(read(await write('contradiction', contradiction))).rejects.toMatchObject({ code: 'file-damaged' })
  })
})

test('A shredded variant or a geometry in which any byte is changed is a value or an AppError', async () => {
  const options = ", SHREDDING {v: 'STRUCT(a BIGINT, b VARCHAR[])'}"
  const variants = await write(
    'fuzzed',
    "SELECT {'a': i, 'b': ['x', 'y'], 'c': i}::VARIANT AS v FROM range(9) t(i)",
    options,
  )
  const geometries = await write('fuzzed-geometry', "SELECT 'MULTIPOINT ((1 2), (3 4))'::GEOMETRY AS v FROM range(9)")
  const others: unknown[] = []
  let damagedCount = 0
  for (const [file, type] of [
    [variants, 'variant'],
    [geometries, 'geometry'],
  ] as const) {
    const bytes = new Uint8Array(readFileSync(file))
    const changed = path.join(folder, 'changed.parquet')
    for (let at = 4; at < bytes.length - 8; at++) {
      const copy = bytes.slice()
      copy[at] = (copy[at] ?? 0) ^ (1 + (at % 255))
      writeFileSync(changed, copy)
      const error: unknown = await read(changed, type).then(
        () => null,
        (thrown: unknown) => thrown,
      )
      if (error instanceof AppError) damagedCount += 1
      else if (error !== null) others.push(error)
    }
  }
  expect(others).toEqual([])
  expect(damagedCount).toBeGreaterThan(500)
})

describe('a geometry', () => {
  test('that DuckDB wrote is its text, also from a dictionary and in a list', async () => {
    const texts = ['POINT (1 2)', 'LINESTRING (0 0, 1 1)', 'POLYGON ((0 0, 1 0, 1 1, 0 0))', 'POINT ZM (1 2 3 4)']
    const values = texts.map((text) => `('${text}'::GEOMETRY)`).join(', ')
    const file = await write(
      'geometry',
      `SELECT v FROM (VALUES ${values}, (NULL)) t(v), range(2) ORDER BY v::VARCHAR NULLS LAST`,
    )
    const inOrder = texts.toSorted((a, b) => (a < b ? -1 : 1))
    expect(await read(file, 'geometry')).toEqual([...inOrder.flatMap((text) => [text, text]), null, null])
    const listFile = await write('geometries', `SELECT ['POINT (1 2)'::GEOMETRY, NULL] AS v`)
    const list: Type = { type: 'list', elementId: 4, element: 'geography(OGC:CRS84)', elementRequired: false }
    expect(await read(listFile, list)).toEqual([['POINT (1 2)', null]])
  })

  test('that is not well-known binary is damaged', async () => {
    const file = await write('not-wkb', "SELECT '\\x01\\x02'::BLOB AS v")
    await expect(read(file, 'geometry')).rejects.toMatchObject({ code: 'file-damaged' })
  })

  const geospatial = findFixture('parquet-testing/data/geospatial/geospatial.parquet')
  test.skipIf(geospatial === null)('of parquet-testing has the text in its file (skipped without it)', async () => {
    const wkt = await readNamed(geospatial ?? '', 'wkt', 'string')
    expect(wkt.length).toBeGreaterThan(100)
    expect(await readNamed(geospatial ?? '', 'geometry', 'geometry')).toEqual(wkt)
  })
})

const FIELD_IDS = {
  nested: '{v: {__duckdb_field_id: 1, x: {__duckdb_field_id: 3, element: 4}, y: 2}}',
  geometries: '{v: {__duckdb_field_id: 1, element: 4}}',
}

async function write(name: string, sql: string, options = ''): Promise<string> {
  const file = path.join(folder, `${name}.parquet`)
  const ids = Object.entries(FIELD_IDS).find(([key]) => key === name)?.[1] ?? '{v: 1}'
  await duckdb.run(`COPY (${sql}) TO '${file}' (FORMAT parquet, FIELD_IDS ${ids}${options})`)
  return file
}

function read(file: string, type: Type = 'variant', range: { firstRow?: number } = {}) {
  return readColumn(file, { id: 1, name: 'v', required: false, type }, range)
}

/** A column of a file that was not written for Lakeshore's tests, whatever its field id. */
function readNamed(file: string, name: string, type: Type) {
  return readColumn(file, { id: 1, name, required: false, type }, { isNamed: true })
}

async function readColumn(
  file: string,
  field: NestedField,
  { firstRow = 0, isNamed = false }: { firstRow?: number; isNamed?: boolean } = {},
): Promise<readonly (RowValue | null)[]> {
  const bytes = new Uint8Array(readFileSync(file))
  const source: ByteSource = {
    name: path.basename(file),
    byteLength: bytes.length,
    read: (start, end) => Promise.resolve(bytes.slice(start, end)),
  }
  const { rowCount, schema } = await readFooter(source)
  const storedId = schema.children.find(({ name }) => name === field.name)?.fieldId
  const id = isNamed ? (storedId ?? field.id) : field.id
  const scanFile = { fileSizeBytes: bytes.length, recordCount: rowCount, firstRowIndex: 0, sequenceNumber: 1 }
  const reader = createRowReader({
    codecs: pageCodecs,
    fields: [{ ...field, id }],
    files: [{ path: source.name, constants: new Map(), ...scanFile }],
    open: () => source,
    nameMapping: [{ fieldId: id, names: [field.name], fields: [] }],
  })
  const { columns } = await reader.readRows({ firstRow, lastRow: rowCount, fieldIds: [id] })
  return columns.get(id) ?? []
}
