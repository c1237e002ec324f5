import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFooter } from '@/lib/parquet/footer'
import { testBloomFilters } from '@/lib/scan/inspect/bloom-test'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import type { ColumnLayout } from './column-layout'
import { readColumnChecksums } from './column-checksums'

/** DuckDB and the file inspector test values against the Bloom filters that were made. */

const SIZE = { maxBytes: 64 * 1024, falsePositiveRate: 0.01, distinctCount: null }
const LAYOUT: ColumnLayout = { ...SMALL_PAGES, maxPageRows: 100, bloomFilter: SIZE }
const ROWS = 4_096
const VALUES = 40

/** SQL of a value by its row `i`; the second half of the rows has the same values again. */
const COLUMNS: Readonly<Record<string, string>> = {
  int: '(i * 7919 - 500)::INTEGER',
  long: '(i - 500) * 90071992547409',
  float: '((i - 500) / 8)::FLOAT',
  double: '(i - 500) / 3',
  decimal: '((i - 500) * 1234567.89)::DECIMAL(18, 4)',
  date: "DATE '1969-06-01' + i::INTEGER",
  timestamp: "TIMESTAMP '1969-12-31 00:00:00.000001' + INTERVAL (i * 7) MINUTE",
  string: "'Łódź ' || repeat('x', (i % 90)::INTEGER) || i",
  code: "'code-' || (i % 5)",
  uuid: 'md5(i::VARCHAR)::UUID',
  binary: 'unhex(md5(i::VARCHAR))',
  nested: "{'a': i, 'b': ['text ' || i, NULL]}",
  nulls: 'NULL::BIGINT',
  late: 'i % 3 = 0',
}

let folder = ''
let original = new Uint8Array()
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-bloom-'))
  const file = path.join(folder, 'original.parquet')
  const select = Object.entries(COLUMNS).map(([name, sql]) => `CASE WHEN i % 7 <> 3 THEN ${sql} END AS "${name}"`)
  await queryDuckdb(
    `COPY (SELECT ${select.join(', ')} FROM (SELECT n % ${ROWS / 2} AS i FROM range(${ROWS}) t(n)))
     TO '${file}' (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 2048, PARQUET_VERSION v1)`,
  )
  original = new Uint8Array(readFileSync(file))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function write(name: string, change: Partial<ColumnLayout> = {}) {
  const { bytes } = await transcodeBytes('original', original, { ...LAYOUT, ...change })
  const file = path.join(folder, name)
  writeFileSync(file, bytes)
  const source = {
    name,
    byteLength: bytes.length,
    read: (start: number, end: number) => Promise.resolve(bytes.slice(start, end)),
  }
  return { file, source, footer: await readFooter(source) }
}

/** Values of a column as texts: some that it has, and as many that it has not. */
async function someValues(name: string): Promise<{ held: string[]; others: string[] }> {
  const sql = (first: number) =>
    queryDuckdb(
      `SELECT DISTINCT (${COLUMNS[name]})::VARCHAR AS v FROM (SELECT ${first} + n AS i FROM range(${ROWS / 2}) t(n) WHERE i % 7 <> 3) ORDER BY hash(v) LIMIT ${VALUES}`,
    )
  const [held, others] = [await sql(0), await sql(50_000)]
  return { held: held.map(([text]) => text as string), others: others.map(([text]) => text as string) }
}

/** The number of row groups in which DuckDB considers each of the values absent. */
async function probeWithDuckdb(file: string, name: string, values: readonly string[]): Promise<number[]> {
  const type = { int: 'INTEGER', long: 'BIGINT', float: 'FLOAT', double: 'DOUBLE' }[name] ?? 'VARCHAR'
  const probes = values.map(
    (value, i) =>
      `SELECT ${i}, count(*) FILTER (bloom_filter_excludes) FROM parquet_bloom_probe('${file}', '${name}', '${value}'::${type})`,
  )
  const rows = await queryDuckdb(`${probes.join(' UNION ALL ')} ORDER BY 1`)
  return rows.map(([, count]) => Number(count))
}

describe.each(['keep', 'drop'] as const)('Bloom filters of columns that %s their dictionaries', (dictionary) => {
  let written: Awaited<ReturnType<typeof write>>
  beforeAll(async () => {
    written = await write(`${dictionary}.parquet`, { dictionary })
  })

  it.each(['int', 'long', 'float', 'double', 'string', 'code'])(
    'hold every value, and few others, as DuckDB tests them: %s',
    async (name) => {
      const { file } = written
      const { held, others } = await someValues(name)
      expect(await probeWithDuckdb(file, name, held)).toEqual(held.map(() => 0))
      const absent = name === 'code' ? others.map((text) => `not ${text}`) : others
      const excluded = await probeWithDuckdb(file, name, absent)
      expect(excluded.filter((count) => count === 2).length).toBeGreaterThan(0.8 * absent.length)
    },
  )

  it.each(['int', 'long', 'float', 'double', 'decimal', 'date', 'string', 'code', 'uuid', 'nested.a'])(
    'hold every value, as the file inspector tests them: %s',
    async (column) => {
      const { source, footer } = written
      const leaf = footer.leaves.findIndex(({ path: names }) => names.join('.') === column)
      const name = column.startsWith('nested') ? 'long' : column
      const sqlOf = column === 'nested.a' ? { held: ['0', '1', '2046'], others: ['-1'] } : await someValues(name)
      for (const value of sqlOf.held) {
        const { groups, testedCount } = await testBloomFilters(source, footer, leaf, value)
        expect({ value, groups, testedCount }).toEqual({ value, groups: [0, 1], testedCount: 2 })
      }
    },
  )
})

describe('A file with Bloom filters', () => {
  it('has one in each row group of each column of a fitting type, and DuckDB finds its rows', async () => {
    const { file, footer } = await write('all.parquet')
    expect(footer.rowGroups).toHaveLength(2)
    for (const { columns } of footer.rowGroups) {
      for (const { leaf, bloomFilter } of columns) {
        const name = footer.leaves[leaf]?.path.join('.')
        expect([name, bloomFilter !== null]).toEqual([name, name !== 'late'])
      }
    }
    const [row] = await queryDuckdb(
      `SELECT count(*) FROM read_parquet('${file}') WHERE string = (SELECT max(string) FROM read_parquet('${file}'))`,
    )
    expect(Number(row?.[0])).toBe(2)
  })

  it('holds numbers by all their bytes that engines take for equal', async () => {
    const file = path.join(folder, 'zero-original.parquet')
    await queryDuckdb(
      `COPY (SELECT CASE WHEN i = 7 THEN '-0.0'::DOUBLE WHEN i = 9 THEN 'NaN'::DOUBLE ELSE i / 3 + 1 END AS a FROM range(3000) t(i)) TO '${file}' (FORMAT parquet)`,
    )
    const { bytes } = await transcodeBytes('zero', new Uint8Array(readFileSync(file)), LAYOUT)
    const written = path.join(folder, 'zero.parquet')
    writeFileSync(written, bytes)
    const probe = (value: string) =>
      queryDuckdb(`SELECT bloom_filter_excludes FROM parquet_bloom_probe('${written}', 'a', '${value}'::DOUBLE)`)
    for (const value of ['0.0', '-0.0', 'NaN'])
      expect([value, await probe(value)]).toEqual([value, [[false], [false]].slice(0, (await probe(value)).length)])
    expect((await probe('5000.25')).flat()).toContain(true)
  })

  it('is not taken for the same as its original when a filter lacks a value', async () => {
    const { source, footer } = await write('lacking.parquet')
    const layout = { byFieldId: new Map(), fallback: LAYOUT }
    const options = { codecs: pageCodecs, checksFilters: true }
    expect((await readColumnChecksums(source, layout, options)).checksums).toHaveLength(footer.leaves.length)
    const { offset = 0, lengthBytes } = footer.rowGroups[1]?.columns[1]?.bloomFilter ?? {}
    const bytes = new Uint8Array(await source.read(0, source.byteLength))
    bytes.fill(0, offset + (lengthBytes ?? 0) - 32, offset + (lengthBytes ?? 0))
    const damaged = { ...source, read: (start: number, end: number) => Promise.resolve(bytes.slice(start, end)) }
    await expect(readColumnChecksums(damaged, layout, options)).rejects.toMatchObject({
      code: 'internal',
      message: 'The Bloom filter of long in lacking.parquet lacks a value of the column.',
    })
  })

  it('has none where it is dropped, and keeps those it had', async () => {
    const dropped = await write('dropped.parquet', { bloomFilter: 'drop' })
    const retained = await write('kept.parquet', { bloomFilter: 'keep' })
    const countFilters = ({ rowGroups }: typeof retained.footer) =>
      rowGroups.flatMap(({ columns }) => columns.filter(({ bloomFilter }) => bloomFilter !== null)).length
    expect(countFilters(dropped.footer)).toBe(0)
    // DuckDB makes them with dictionaries.
    expect(countFilters(retained.footer)).toBeGreaterThan(0)
  })
})
