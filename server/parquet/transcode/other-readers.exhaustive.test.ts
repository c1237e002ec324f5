import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parquetMetadata, parquetReadObjects, readColumnIndex, readOffsetIndex } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decompress } from '@/lib/parquet/decompress'
import type { Codec } from '@/lib/parquet/footer'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { findFixture } from '@/testing/find-fixture'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import type { ColumnLayout } from './column-layout'

/** DuckDB and hyparquet read the same from a transcoded file as from its original. */

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-transcode-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const PAGE_ROWS = 100
const ROWS = 1_000
const LAYOUT: ColumnLayout = { ...SMALL_PAGES, maxPageRows: PAGE_ROWS }

const NULLABLE = (sql: string) => `CASE WHEN i % 7 <> 3 THEN ${sql} END`
/** Every type that DuckDB writes for Iceberg, with nulls; and a page of nothing but nulls. */
const COLUMNS: Readonly<Record<string, string>> = {
  boolean: NULLABLE('i % 3 = 0'),
  int: NULLABLE('(i * 7919 % 1000 - 500)::INTEGER'),
  long: NULLABLE('(i - 500) * 9007199254740993'),
  unsigned: NULLABLE('(i * 4294967)::UINTEGER'),
  float: NULLABLE('((i - 500) / 8)::FLOAT'),
  double: NULLABLE("CASE WHEN i % 100 = 5 THEN 'NaN'::DOUBLE ELSE (i - 500) / 3 END"),
  decimal_9: NULLABLE('((i - 500) / 100)::DECIMAL(9, 2)'),
  decimal_18: NULLABLE('((i - 500) * 1234567.89)::DECIMAL(18, 4)'),
  decimal_38: NULLABLE('((i - 500)::HUGEINT * 1234567890123456789012345)::DECIMAL(38, 3)'),
  date: NULLABLE("DATE '1969-06-01' + i::INTEGER"),
  time: NULLABLE("TIME '00:00:00' + INTERVAL (i * 61) SECOND"),
  timestamp: NULLABLE("TIMESTAMP '1969-12-31 00:00:00.000001' + INTERVAL (i * 7) MINUTE"),
  timestamptz: NULLABLE("TIMESTAMPTZ '1969-12-31 00:00:00.000001+00' + INTERVAL (i * 7) MINUTE"),
  timestamp_ns: NULLABLE('make_timestamp_ns(i * 1000003)'),
  string: NULLABLE("'Łódź 🚣 ' || repeat('x', (i % 90)::INTEGER) || i"),
  code: NULLABLE("'code-' || (i % 5)"),
  uuid: NULLABLE('md5(i::VARCHAR)::UUID'),
  binary: NULLABLE('unhex(md5(i::VARCHAR))'),
  nulls: 'CASE WHEN i < 300 THEN i END',
  list: NULLABLE('CASE WHEN i % 5 = 0 THEN [] ELSE [i, NULL, i + 1] END'),
  struct: NULLABLE("{'a': i, 'b': {'c': 'text ' || i, 'd': [i::VARCHAR]}}"),
  map: NULLABLE("MAP {'k' || i: i, 'l': NULL}"),
}

async function writeOriginal(file: string): Promise<void> {
  const select = Object.entries(COLUMNS).map(([name, sql]) => `${sql} AS "${name}"`)
  const ids = Object.keys(COLUMNS).map((name, i) => {
    const id = i * 10 + 1
    if (name === 'list') return `"list": {__duckdb_field_id: ${id}, element: ${id + 1}}`
    if (name === 'map') return `"map": {__duckdb_field_id: ${id}, key: ${id + 1}, value: ${id + 2}}`
    if (name === 'struct')
      return `"struct": {__duckdb_field_id: ${id}, a: ${id + 1}, b: {__duckdb_field_id: ${id + 2}, c: ${id + 3}, d: {__duckdb_field_id: ${id + 4}, element: ${id + 5}}}}`
    return `"${name}": ${id}`
  })
  await queryDuckdb(
    `COPY (SELECT ${select.join(', ')} FROM range(${ROWS}) t(i)) TO '${file}'
     (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 2048, FIELD_IDS {${ids.join(', ')}}, KV_METADATA {'some.key': 'ä value'})`,
  )
}

/** A file in the form of hyparquet. */
function toBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer
}

const compressors = Object.fromEntries(
  (['gzip', 'zstd', 'brotli', 'lz4_raw', 'lz4', 'snappy'] satisfies Codec[]).map((codec) => [
    codec.toUpperCase(),
    (input: Uint8Array, length: number) => decompress({ codec, codecs: pageCodecs }, input, length),
  ]),
)

function readWithHyparquet(
  bytes: Uint8Array,
  useOffsetIndex = false,
  rows: { rowStart?: number; rowEnd?: number } = {},
) {
  return parquetReadObjects({ file: toBuffer(bytes), compressors, useOffsetIndex, ...rows })
}

function readWithDuckdb(file: string) {
  return queryDuckdb(`SELECT * FROM read_parquet('${file}', file_row_number = true) ORDER BY file_row_number`)
}

describe('A file of DuckDB with every type', () => {
  let original = new Uint8Array()
  beforeAll(async () => {
    const file = path.join(folder, 'original.parquet')
    await writeOriginal(file)
    original = new Uint8Array(readFileSync(file))
  })

  test.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'] as const)(
    'is read from %s by DuckDB and hyparquet as before',
    async (codec) => {
      const file = path.join(folder, `${codec}.parquet`)
      const { bytes } = await transcodeBytes('original', original, { ...LAYOUT, codec })
      writeFileSync(file, bytes)
      expect(await readWithDuckdb(file)).toEqual(await readWithDuckdb(path.join(folder, 'original.parquet')))
      expect(await readWithHyparquet(bytes)).toEqual(await readWithHyparquet(original))
    },
  )

  test('has any of its rows by its offset index', async () => {
    const { bytes } = await transcodeBytes('original', original, LAYOUT)
    const all = await readWithHyparquet(original)
    for (const [rowStart, rowEnd] of [
      [0, 1],
      [99, 101],
      [450, 451],
      [999, 1000],
    ] as const) {
      expect(await readWithHyparquet(bytes, true, { rowStart, rowEnd })).toEqual(all.slice(rowStart, rowEnd))
    }
  })

  test('keeps its schema, field ids and key-value metadata', async () => {
    const { bytes } = await transcodeBytes('original', original, LAYOUT, { keyValues: () => ({ added: 'value' }) })
    const [before, after] = [parquetMetadata(toBuffer(original)), parquetMetadata(toBuffer(bytes))]
    expect(after.schema).toEqual(before.schema)
    expect(after.schema.filter(({ field_id: id }) => id !== undefined).length).toBeGreaterThan(28)
    expect(after.key_value_metadata).toEqual([...(before.key_value_metadata ?? []), { key: 'added', value: 'value' }])
    expect(after.created_by).toMatch(/^Lakeshore version \d/)
    expect(after.num_rows).toBe(before.num_rows)
  })

  test('has exact sizes and statistics, as DuckDB reads and computes them', async () => {
    const file = path.join(folder, 'sizes.parquet')
    const { bytes } = await transcodeBytes('original', original, LAYOUT)
    writeFileSync(file, bytes)
    const chunks = await queryDuckdb(
      `SELECT path_in_schema, stats_min_value, stats_max_value, stats_null_count, total_compressed_size,
         least(data_page_offset, coalesce(dictionary_page_offset, data_page_offset)) AS start
       FROM parquet_metadata('${file}')`,
    )
    let next = 4
    for (const [, , , , storedBytes, start] of chunks) {
      expect(Number(start)).toBe(next)
      next += Number(storedBytes)
    }
    const names = Object.keys(COLUMNS).filter((name) => !['list', 'struct', 'map', 'binary', 'double'].includes(name))
    for (const name of names) {
      const [, min, max, nulls] = chunks.find(([column]) => column === name) ?? []
      // The texts of the footer, as values of the column's type.
      const typed = (text: unknown) => `(SELECT "${name}" FROM t UNION ALL SELECT '${String(text)}')`
      const [row] = await queryDuckdb(
        `WITH t AS (FROM read_parquet('${path.join(folder, 'original.parquet')}'))
         SELECT min("${name}") = (FROM ${typed(min)} LIMIT 1 OFFSET ${ROWS}),
           max("${name}") = (FROM ${typed(max)} LIMIT 1 OFFSET ${ROWS}), count(*) - count("${name}") FROM t`,
      )
      expect([...(row ?? []).slice(0, 2), Number(row?.[2])], name).toEqual([true, true, Number(nulls)])
    }
  })

  /** Null counts and bounds as in the column index, and as DuckDB computes them. */
  async function readPageBounds(name: string): Promise<{ indexed: PageBounds[]; computed: PageBounds[] }> {
    const { bytes } = await transcodeBytes('original', original, LAYOUT)
    const { row_groups: groups, schema } = parquetMetadata(toBuffer(bytes))
    const column = groups[0]?.columns.find(({ meta_data: chunk }) => chunk?.path_in_schema[0] === name)
    const element = schema.find((candidate) => candidate.name === name)
    if (!element || !column) throw new Error(`there is no column ${name}`)
    const view = (offset: bigint | undefined, length: number | undefined) => ({
      view: new DataView(toBuffer(bytes), Number(offset), length),
      offset: 0,
    })
    const index = readColumnIndex(view(column.column_index_offset, column.column_index_length), element)
    const { page_locations: pages } = readOffsetIndex(view(column.offset_index_offset, column.offset_index_length))
    const computed = await queryDuckdb(
      `SELECT count(*) - count("${name}"), min("${name}"), max("${name}")
       FROM read_parquet('${path.join(folder, 'original.parquet')}', file_row_number = true)
       GROUP BY file_row_number // ${PAGE_ROWS} ORDER BY file_row_number // ${PAGE_ROWS}`,
    )
    return {
      indexed: pages.map(({ first_row_index: firstRow }, page) => ({
        firstRow: Number(firstRow),
        nullCount: Number(index.null_counts?.[page]),
        min: index.null_pages[page] ? null : toText(index.min_values[page]),
        max: index.null_pages[page] ? null : toText(index.max_values[page]),
      })),
      computed: computed.map(([nulls, min, max], page) => ({
        firstRow: page * PAGE_ROWS,
        nullCount: Number(nulls),
        min: toText(min),
        max: toText(max),
      })),
    }
  }

  test.each(['boolean', 'int', 'long', 'float', 'code', 'nulls', 'date'])(
    'has the bounds of each page in its column index: %s',
    async (name) => {
      const { indexed, computed } = await readPageBounds(name)
      expect(computed).toHaveLength(ROWS / PAGE_ROWS)
      expect(indexed).toEqual(computed)
    },
  )

  test('has bounds of long strings that are cut to 64 bytes and contain them', async () => {
    const { indexed, computed } = await readPageBounds('string')
    expect(computed).toHaveLength(ROWS / PAGE_ROWS)
    for (const [page, { min, max, nullCount }] of computed.entries()) {
      const bounds = indexed[page]
      expect(bounds?.nullCount).toBe(nullCount)
      expect(min?.startsWith(bounds?.min ?? '?')).toBe(true)
      expect((bounds?.max ?? '') > (max ?? '')).toBe(true)
      expect(Buffer.byteLength(bounds?.max ?? '')).toBeLessThanOrEqual(64)
    }
  })

  test('has a layout of its own for a column, by its field id', async () => {
    const { bytes } = await transcodeBytes('original', original, LAYOUT, {
      layout: {
        byFieldId: new Map([
          [11, { ...LAYOUT, codec: 'brotli', level: 5, statistics: 'none' }],
          [204, { ...LAYOUT, codec: 'gzip', maxPageRows: 250 }],
        ]),
        fallback: LAYOUT,
      },
    })
    const columns = parquetMetadata(toBuffer(bytes)).row_groups[0]?.columns ?? []
    const codecOf = (name: string) => columns.find((column) => column.meta_data?.path_in_schema.join('.') === name)
    expect(codecOf('int')?.meta_data).toMatchObject({ codec: 'BROTLI' })
    expect(codecOf('int')?.meta_data?.statistics).toBeUndefined()
    expect(codecOf('int')?.column_index_offset).toBeUndefined()
    expect(codecOf('struct.b.c')?.meta_data?.codec).toBe('GZIP')
    expect(codecOf('long')?.meta_data?.codec).toBe('ZSTD')
    expect(await readWithHyparquet(bytes)).toEqual(await readWithHyparquet(original))
  })
})

type PageBounds = { firstRow: number; nullCount: number; min: string | null; max: string | null }

function toText(value: unknown): string | null {
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  return value === null || value === undefined ? null : (value as number | string).toString()
}

const DATA = findFixture('parquet-testing/data')

const REFUSED: Readonly<Record<string, string>> = {
  'datapage_v1-corrupt-checksum.parquet': "a page's bytes do not match its checksum",
  'rle-dict-uncompressed-corrupt-checksum.parquet': "a page's bytes do not match its checksum",
  'large_string_map.brotli.parquet': 'it has a page of 1073741828 bytes',
  'nation.dict-malformed.parquet': 'a page reaches beyond its column chunk',
  'unknown-logical-type.parquet': 'a logical type that Lakeshore does not know',
}

describe.skipIf(DATA === null)('A file of parquet-testing (skipped without these files)', () => {
  const names = DATA === null ? [] : readdirSync(DATA).filter((name) => name.endsWith('.parquet'))

  test.each(names.filter((name) => name in REFUSED))('is refused with a reason: %s', async (name) => {
    const original = new Uint8Array(readFileSync(path.join(DATA ?? '', name)))
    await expect(transcodeBytes(name, original, SMALL_PAGES)).rejects.toMatchObject({
      message: expect.stringContaining(REFUSED[name] ?? ''),
    })
  })

  test.each(names.filter((name) => !(name in REFUSED)))(
    'is read by DuckDB and hyparquet as before: %s',
    async (name) => {
      const original = new Uint8Array(readFileSync(path.join(DATA ?? '', name)))
      const { bytes } = await transcodeBytes(name, original, SMALL_PAGES)
      const file = path.join(folder, name)
      writeFileSync(file, bytes)
      const before = [
        await attempt(readWithDuckdb(path.join(DATA ?? '', name))),
        await attempt(readWithHyparquet(original)),
      ]
      // Some originals can be read by only one of them.
      expect(before).not.toEqual([UNREADABLE, UNREADABLE])
      const after = [await attempt(readWithDuckdb(file)), await attempt(readWithHyparquet(bytes))]
      expect(after).toEqual(before.map((rows, reader) => (rows === UNREADABLE ? after[reader] : rows)))
    },
  )
})

const UNREADABLE = 'unreadable'

function attempt(rows: Promise<unknown>): Promise<unknown> {
  return rows.catch(() => UNREADABLE)
}
