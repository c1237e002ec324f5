import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import { findFixture } from '@/testing/find-fixture'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { testBloomFilters } from './bloom-test'

/** Columns whose values repeat, so that DuckDB writes dictionaries and bloom filters. `k` is 0 to 199 in each group. */
const COLUMNS: Record<string, { sql: string; text: (k: number) => string; hasBounds: boolean }> = {
  i8: { sql: '(k - 100)::TINYINT', text: (k) => String(k - 100), hasBounds: true },
  u8: { sql: 'k::UTINYINT', text: String, hasBounds: true },
  i32: { sql: '(k * 1000003 - 5)::INT', text: (k) => String(k * 1_000_003 - 5), hasBounds: true },
  u32: { sql: '(4294967295 - k)::UINTEGER', text: (k) => String(4_294_967_295 - k), hasBounds: true },
  i64: { sql: '9007199254740993 + k', text: (k) => String(9_007_199_254_740_993n + BigInt(k)), hasBounds: true },
  u64: {
    sql: '(18446744073709551615 - k)::UBIGINT',
    text: (k) => String(18_446_744_073_709_551_615n - BigInt(k)),
    hasBounds: false,
  },
  f32: { sql: '(k / 10.0)::FLOAT', text: (k) => String(k / 10), hasBounds: true },
  f64: { sql: '(k / 7.0)::DOUBLE', text: (k) => String(k / 7), hasBounds: true },
  text: { sql: "'ł🚣' || k", text: (k) => `ł🚣${k}`, hasBounds: true },
  bytes: { sql: "('\\xAA' || k)::BLOB", text: (k) => `0xaa${Buffer.from(String(k)).toString('hex')}`, hasBounds: true },
}
const GROUPS = 5

let folder: string
let duckdb: DuckDBConnection
let file: { source: ReturnType<typeof sourceOf>; footer: ParquetFooter }
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-bloom-'))
  duckdb = await (await DuckDBInstance.create()).connect()
  const columns = Object.entries(COLUMNS).map(([name, { sql }]) => `${sql} AS ${name}`)
  // Row groups hold every fifth k, so that their bounds overlap and only the filters tell them apart.
  await duckdb.run(
    `COPY (SELECT ${columns.join(', ')} FROM (SELECT (r // 4096) + 5 * (r % 40) AS k FROM range(${4096 * GROUPS}) t(r)))
     TO '${path.join(folder, 'f.parquet')}' (FORMAT parquet, ROW_GROUP_SIZE 4096, BLOOM_FILTER_FALSE_POSITIVE_RATIO 0.001)`,
  )
  const source = sourceOf(readFileSync(path.join(folder, 'f.parquet')))
  file = { source, footer: await readFooter(source) }
})
afterAll(() => {
  duckdb.closeSync()
  rmSync(folder, { recursive: true })
})

const test = (column: string, text: string) =>
  testBloomFilters(
    file.source,
    file.footer,
    file.footer.leaves.findIndex(({ name }) => name === column),
    text,
  )

describe('Testing a value against bloom filters that DuckDB wrote', () => {
  it.each(Object.entries(COLUMNS))('finds the row group of every value of %s', async (column, { text, hasBounds }) => {
    expect(file.footer.rowGroups).toHaveLength(GROUPS)
    let falsePositives = 0
    for (let k = 0; k < 200; k++) {
      const result = await test(column, text(k))
      expect(result.testedCount).toBe(GROUPS)
      expect(result.groups, text(k)).toContain(k % 5)
      falsePositives += result.groups.length - 1
    }
    // One in a thousand is expected.
    expect(falsePositives).toBeLessThan(20)
    // The value in the middle is within the bounds of all row groups.
    expect((await test(column, text(50))).groupsByBounds).toHaveLength(GROUPS)
    // Less than all; bounds of the largest unsigned longs have no value in Iceberg.
    const least = await test(column, column === 'bytes' ? '0x00' : text(column === 'u64' ? 500 : -1_000))
    expect(least.groupsByBounds).toHaveLength(hasBounds ? 0 : GROUPS)
  })

  it('says that no row group has a number that the column cannot hold', async () => {
    for (const [column, text] of [
      ['i32', '4294967296'],
      ['u32', '-1'],
      ['i32', '1.5'],
      ['f32', '0.1234567890123'],
    ] as const) {
      const { groups } = await test(column, text)
      expect(groups, `${column} ${text}`).toEqual([])
    }
  })

  it('refuses a text that is not a value of the column, and says what one looks like', async () => {
    await expect(test('i32', 'many')).rejects.toThrow('"many" is not a number')
    await expect(test('bytes', '0xa')).rejects.toThrow('is not hexadecimal bytes such as 0x00ff')
    await expect(testBloomFilters(file.source, file.footer, 99, '1')).rejects.toThrow(AppError)
  })

  it('stops when the test is cancelled', async () => {
    const signal = AbortSignal.abort()
    await expect(testBloomFilters(file.source, file.footer, 0, '1', signal)).rejects.toThrow('aborted')
  })
})

const fixture = findFixture('parquet-testing/data/data_index_bloom_encoding_stats.parquet')
describe.skipIf(fixture === null)(
  'Testing a value against bloom filters of parquet-mr (skipped without parquet-testing)',
  () => {
    it('finds the values of the file, and no other', async () => {
      const source = sourceOf(readFileSync(fixture ?? ''))
      const footer = await readFooter(source)
      // Its values are listed in the documentation of parquet-testing.
      for (const text of [
        'Hello',
        'This is',
        'a',
        'test',
        'How',
        'are you',
        'doing ',
        'today',
        'the quick',
        'brown fox',
      ])
        expect((await testBloomFilters(source, footer, 0, text)).groups, text).toEqual([0])
      expect(await testBloomFilters(source, footer, 0, 'absent')).toEqual({
        groups: [],
        groupsByBounds: [0],
        testedCount: 1,
        groupCount: 1,
      })
    })
  },
)
