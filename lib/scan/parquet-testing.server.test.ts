import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import * as duck from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { findFixture } from '@/testing/find-fixture'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readWholeFile } from '@/testing/parquet/read-whole-file'
import type { RowValue } from './read/row-values'

/**
 * Files of apache/parquet-testing, with every encoding, codec and oddity, compared value by value with DuckDB. They
 * have no field ids, so a name mapping is built from their own schema.
 */

const DATA = findFixture('parquet-testing/data')
const BAD_DATA = findFixture('parquet-testing/bad_data')

let duckdb: DuckDBConnection
beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect()
})

/** Files that DuckDB cannot read, or reads differently; each has its own test below. */
const OWN_TESTS = new Set([
  'byte_stream_split_extended.gzip.parquet',
  'datapage_v1-corrupt-checksum.parquet',
  'rle-dict-uncompressed-corrupt-checksum.parquet',
  'hadoop_lz4_compressed.parquet',
  'hadoop_lz4_compressed_larger.parquet',
  'non_hadoop_lz4_compressed.parquet',
  'large_string_map.brotli.parquet',
  'nation.dict-malformed.parquet',
  'int96_from_spark.parquet',

  'map_no_value.parquet',
  'float16_nonzeros_and_nans.parquet',
  'float16_zeros_and_nans.parquet',
  'floating_orders_nan_count.parquet',
])

describe.skipIf(DATA === null)(
  'a file of parquet-testing (skipped if it is not there) has the same values as in DuckDB',
  () => {
    const names = DATA === null ? [] : readdirSync(DATA).filter((name) => name.endsWith('.parquet'))
    for (const name of names.filter((name) => !OWN_TESTS.has(name))) {
      test(name, async () => {
        const file = path.join(DATA ?? '', name)
        const ours = await readAll(file)
        const theirs = await readWithDuckdb(file)
        expect(Object.keys(ours)).toEqual(Object.keys(theirs))
        for (const [column, values] of Object.entries(ours)) expect(values, column).toEqual(theirs[column])
      })
    }
  },
)

describe.skipIf(DATA === null)('what DuckDB reads differently or not at all (skipped without parquet-testing)', () => {
  const dataPath = (name: string) => path.join(DATA ?? '', name)

  test('BYTE_STREAM_SPLIT has the same values as PLAIN, for every supported type', async () => {
    const columns = await readAll(dataPath('byte_stream_split_extended.gzip.parquet'))
    const pairs = Object.keys(columns).filter((name) => name.endsWith('_plain'))
    expect(pairs).toHaveLength(7)
    for (const plain of pairs) {
      expect(columns[plain]).toHaveLength(200)
      expect(columns[plain.replace('_plain', '_byte_stream_split')]).toEqual(columns[plain])
    }
  })

  test('a page whose checksum does not match is refused', async () => {
    for (const name of ['datapage_v1-corrupt-checksum.parquet', 'rle-dict-uncompressed-corrupt-checksum.parquet']) {
      await expect(readAll(dataPath(name))).rejects.toMatchObject({
        code: 'file-damaged',
        message: expect.stringContaining('checksum'),
      })
    }
  })

  test("LZ4 in Hadoop's frames and in one block has the same rows as LZ4_RAW", async () => {
    const expected = await readWithDuckdb(dataPath('lz4_raw_compressed.parquet'))
    expect(await readAll(dataPath('hadoop_lz4_compressed.parquet'))).toEqual(expected)
    expect(await readAll(dataPath('non_hadoop_lz4_compressed.parquet'))).toEqual(expected)
    expect(await readAll(dataPath('hadoop_lz4_compressed_larger.parquet'))).toEqual(
      await readWithDuckdb(dataPath('lz4_raw_compressed_larger.parquet')),
    )
  })

  test('rows of a list are found by its levels, where the count of rows in the header of a page is −1 or wrong', async () => {
    const file = dataPath('datapage_v2.snappy.parquet')
    const bytes = new Uint8Array(readFileSync(file))
    // The counts of values, nulls and rows of column e, as Thrift writes them: each is field after field, an i32.
    const at = Buffer.from(bytes).indexOf(Buffer.from([0x15, 10 * 2, 0x15, 2 * 2, 0x15, 5 * 2]))
    expect(at).toBeGreaterThan(0)
    const expected = (await readWithDuckdb(file)).e
    for (const zigzag of [1, 4 * 2]) {
      bytes[at + 5] = zigzag
      expect(await readBytes(bytes, ['e'])).toEqual({ e: expected })
    }
  })

  test('two strings of a gibibyte each in four kilobytes are refused, not expanded', async () => {
    await expect(readAll(dataPath('large_string_map.brotli.parquet'))).rejects.toMatchObject({ code: 'too-large' })
  })

  test('a column chunk longer than its footer says is refused, not guessed at', async () => {
    await expect(readAll(dataPath('nation.dict-malformed.parquet'))).rejects.toMatchObject({ code: 'file-damaged' })
  })

  test("Spark's timestamps of 96 bits are exact beyond the range of nanoseconds", async () => {
    expect(await readAll(dataPath('int96_from_spark.parquet'))).toEqual({
      // From the file's own description.
      a: [1704141296123456n, 1704070800000000n, 253402225200000000n, 1735599600000000n, null, 9089380393200000000n],
    })
  })

  test('half-precision floats, which Iceberg does not have, are read as two bytes', async () => {
    for (const name of ['float16_nonzeros_and_nans.parquet', 'float16_zeros_and_nans.parquet']) {
      const { x } = await readAll(dataPath(name))
      const theirs = (await readWithDuckdb(dataPath(name))).x
      expect(x?.map((value) => (value instanceof Uint8Array ? parseHalfFloat(value) : value))).toEqual(theirs)
    }
    const ours = await readAll(dataPath('floating_orders_nan_count.parquet'))
    const theirs = await readWithDuckdb(dataPath('floating_orders_nan_count.parquet'))
    for (const [column, values] of Object.entries(ours)) {
      expect(values.map((value) => (value instanceof Uint8Array ? parseHalfFloat(value) : value))).toEqual(
        theirs[column],
      )
    }
  })

  test('a map without values reads as keys with null', async () => {
    const { my_map_no_v: withoutValues, my_map: withValues } = await readAll(dataPath('map_no_value.parquet'))
    expect(withoutValues).toEqual([
      [
        [1, null],
        [2, null],
        [3, null],
      ],
      [
        [4, null],
        [5, null],
        [6, null],
      ],
      [
        [7, null],
        [8, null],
        [9, null],
      ],
    ])
    expect(withValues?.map((map) => Array.isArray(map) && map.map((entry) => entry?.[0]))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ])
  })

  test('an encrypted file gives an error that says so', async () => {
    for (const name of readdirSync(DATA ?? '').filter((name) => name.endsWith('.encrypted'))) {
      const error = await readAll(dataPath(name)).catch((thrown: unknown) => thrown)
      expect(error, name).toHaveProperty('code', 'not-supported')
      expect(error, name).toHaveProperty('message', expect.stringContaining('encrypted'))
    }
  })

  test('the columns of a file that are not encrypted are read, and the others are refused by name', async () => {
    const file = dataPath('encrypt_columns_plaintext_footer.parquet.encrypted')
    const { int32_field: times, boolean_field: flags } = await readAll(file, ['int32_field', 'boolean_field'])
    // As pyarrow reads them; the numbers are times of day in milliseconds.
    expect(times?.slice(0, 3)).toEqual([0n, 1000n, 2000n])
    expect(flags?.slice(0, 3)).toEqual([true, false, true])
    const message = expect.stringContaining('column double_field is encrypted')
    await expect(readAll(file, ['double_field'])).rejects.toMatchObject({ code: 'not-supported', message })
  })
})

describe.skipIf(BAD_DATA === null)('a malformed file (skipped without parquet-testing) gives a clear error', () => {
  const names = BAD_DATA === null ? [] : readdirSync(BAD_DATA).filter((name) => name.endsWith('.parquet'))
  for (const name of names.filter((name) => name !== 'ARROW-GH-43605.parquet')) {
    test(name, async () => {
      const error = await readAll(path.join(BAD_DATA ?? '', name)).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(AppError)
      expect(error).toHaveProperty('message', expect.stringContaining(name))
    })
  }

  test('except that a dictionary of one entry with indexes of zero bits is read, as by DuckDB and Arrow', async () => {
    const file = path.join(BAD_DATA ?? '', 'ARROW-GH-43605.parquet')
    expect(await readAll(file)).toEqual(await readWithDuckdb(file))
  })
})

function parseHalfFloat(bytes: Uint8Array): number {
  const bits = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? (sign * fraction) / 2 ** 24 : sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}

async function readAll(
  file: string,
  columnNames?: readonly string[],
): Promise<Record<string, readonly (RowValue | null)[]>> {
  return await readBytes(new Uint8Array(readFileSync(file)), columnNames, path.basename(file))
}

async function readBytes(
  bytes: Uint8Array,
  columnNames?: readonly string[],
  name = 'changed.parquet',
): Promise<Record<string, readonly (RowValue | null)[]>> {
  const columns = await readWholeFile(name, bytes, pageCodecs, columnNames)
  return Object.fromEntries(columns.map(({ field, values }) => [field.name, values]))
}

async function readWithDuckdb(file: string): Promise<Record<string, readonly (RowValue | null)[]>> {
  const result = await duckdb.runAndReadAll(`SELECT * FROM read_parquet('${file}')`)
  return Object.fromEntries(
    result.columnNames().map((name, i) => [name, (result.getColumns()[i] ?? []).map((value) => fromDuckdb(value))]),
  )
}

function fromDuckdb(value: DuckDBValue): RowValue | null {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value === 'bigint' || typeof value === 'string') return value
  if (value instanceof duck.DuckDBDecimalValue) return value.value
  if (value instanceof duck.DuckDBDateValue) return value.days
  if (value instanceof duck.DuckDBTimeValue) return value.micros
  if (value instanceof duck.DuckDBTimestampValue) return value.micros
  if (value instanceof duck.DuckDBTimestampTZValue) return value.micros
  if (value instanceof duck.DuckDBTimestampNanosecondsValue) return value.nanos
  if (value instanceof duck.DuckDBBlobValue) return new Uint8Array(value.bytes)
  if (value instanceof duck.DuckDBUUIDValue) return value.toString()
  if (value instanceof duck.DuckDBListValue) return value.items.map(fromDuckdb)
  if (value instanceof duck.DuckDBStructValue) return Object.values(value.entries).map(fromDuckdb)
  if (value instanceof duck.DuckDBMapValue) {
    return value.entries.map((entry) => [fromDuckdb(entry.key), fromDuckdb(entry.value)])
  }
  throw new Error(`no comparison for ${value.constructor.name}`)
}
