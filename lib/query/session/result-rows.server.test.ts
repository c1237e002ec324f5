import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '@/lib/query/duckdb/engine'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { profileResult } from './profile-result'
import { readArrow, readRows } from './result-rows'

let engine: Engine
beforeAll(async () => {
  engine = nodeEngine(await resetNodeDuckdb())
})

const SIGNAL = new AbortController().signal
const read = (sql: string, maxRows = 10_000) => readRows(engine, sql, maxRows, SIGNAL)
type Rows = Pick<Awaited<ReturnType<typeof read>>, 'batches' | 'columns'>

function valuesOf({ batches, columns }: Rows) {
  return batches.flatMap((batch) =>
    Array.from({ length: batch.rowCount }, (_, row) => columns.map((_column, column) => batch.value(row, column))),
  )
}

const EXACT_VALUES = `select * from (values
  (9007199254740993, 18446744073709551615::ubigint, '-9999999999999999999999999999.0000000001'::decimal(38, 10),
   '2001-03-06 09:03:00.123456789'::timestamp_ns, timestamptz '2001-03-06 09:03:00.000001+00', date '0001-01-01',
   time '23:59:59.999999', 'nan'::double, -0.0::float, true, '\\x00\\xFF'::blob, 'ä' || chr(65279), 'b'::enum('a', 'b'),
   interval 14 month, {'a': [9007199254740993, null], 'b': map {'k': 0.1::decimal(18, 3)}}, null,
   '00112233-4455-6677-8899-aabbccddeeff'::uuid, '170141183460469231731687303715884105727'::hugeint),
  (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)) t`

describe('The rows of a result as a stream of Arrow', () => {
  test('have the same values, exactly', async () => {
    const rows = await read(EXACT_VALUES)
    const again = rows.batches.flatMap((batch) => readArrow(batch.toArrow?.() ?? new Uint8Array()))
    expect(valuesOf(rows)[0]?.slice(0, 4)).toEqual([
      9007199254740993n,
      18446744073709551615n,
      -99999999999999999999999999990000000001n,
      983869380123456789n,
    ])
    expect(valuesOf({ ...rows, batches: again })).toEqual(valuesOf(rows))
  })

  test('end where the result was truncated, also in the middle of a batch', async () => {
    const rows = await read(`select i, 'v' || i from range(5000) t(i)`, 3001)
    const again = rows.batches.flatMap((batch) => readArrow(batch.toArrow?.() ?? new Uint8Array()))
    expect(rows.isTruncated).toBe(true)
    expect(valuesOf({ ...rows, batches: again })).toEqual(valuesOf(rows))
    expect(again.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(3001)
  })
})

const profile = async (sql: string, column = 0) => {
  const rows = await read(sql)
  return await profileResult(engine, rows, column, SIGNAL)
}

describe('The profile of a result', () => {
  test('is that of its rows, without those after the limit', async () => {
    const rows = await read('select i as "odd ""name", 7 as n from range(100) t(i)', 10)
    const { rowCount, nullCount, values } = await profileResult(engine, rows, 0, SIGNAL)
    expect({ rowCount, nullCount, ...values }).toMatchObject({
      rowCount: 10,
      nullCount: 0,
      distinctCount: 10,
      isDistinctExact: true,
      min: 0n,
      max: 9n,
    })
  })

  test('has exact bounds', async () => {
    const { values } = await profile('select unnest([9007199254740993, 9007199254740992, null])')
    expect(values).toMatchObject({ min: 9007199254740992n, max: 9007199254740993n })
    const { values: decimals } = await profile("select '-9999999999999999999999999999.0000000001'::decimal(38, 10)")
    expect(decimals?.min).toBe(-99999999999999999999999999990000000001n)
    const { values: nanos } = await profile("select '2001-03-06 09:03:00.123456789'::timestamp_ns")
    expect(nanos?.top).toEqual([{ value: 983869380123456789n, count: 1 }])
  })

  test.each([
    ['9007199254740993 + i'],
    ['9223372036854775807 - i'],
    ["'12345678901234567890123456.000000000001'::decimal(38, 12) + i::decimal(4, 0)"],
    ["'170141183460469231731687303715884105727'::hugeint - i"],
    ['(18446744073709551615 - i)::ubigint'],
    ["date '9999-01-01' + i::integer"],
    ["timestamp '290000-01-01' + i * interval 1 microsecond"],
    ['make_timestamp(9000000000000000001 + i)::timestamptz'],
    ['make_timestamp_ns(1700000000000000000 + i)'],
    ["time '23:59:59.9999' + i * interval 1 microsecond"],
    ['i::double'],
    ['i::float'],
    ["repeat('x', i::integer)"],
  ])('counts the values of %s in the same number for each bucket', async (value) => {
    const { values } = await profile(`select ${value} from range(60) t(i)`)
    expect(values?.histogram).toEqual(new Array(20).fill(3))
  })

  test('has the last times of the range in its buckets', async () => {
    const { values } = await profile("select unnest(['-infinity'::timestamp, 'epoch', 'infinity'])")
    expect(values?.histogram.flatMap((count, bucket) => (count > 0 ? [bucket] : []))).toEqual([0, 10, 19])
  })

  test.each([
    ["select timestamptz '2001-03-06 09:03:00+00'", 983869380000000n],
    ['select interval 14 month', '1 year 2 months'],
    ["select 'b'::enum('a', 'b')", 'b'],
    ["select '00112233-4455-6677-8899-aabbccddeeff'::uuid", '00112233-4455-6677-8899-aabbccddeeff'],
    ['select 18446744073709551615::ubigint', 18446744073709551615n],
    ["select time '23:59:59.999999'", 86399999999n],
    ['select 4294967295::uinteger', 4294967295n],
    ['select true', true],
  ])('of %s has its value', async (sql, value) => {
    const { values } = await profile(sql)
    expect(values?.min).toEqual(value)
    expect(values?.top).toEqual([{ value, count: 1 }])
  })

  test('of nested values only counts them', async () => {
    expect(await profile("select unnest([{'a': 1}, null])")).toEqual({ rowCount: 2, nullCount: 1, values: null })
  })

  test('leaves nothing in the engine, and is not computed of rows that it cannot read exactly', async () => {
    await profile('select 1')
    const tables = await engine.query("select table_name from information_schema.tables where table_schema = 'held'")
    expect(tables.numRows).toBe(0)
    const rows = { columns: [], batches: [{ rowCount: 1, value: () => 1 }], rowCount: 1 }
    await expect(profileResult(engine, rows, 0, SIGNAL)).rejects.toMatchObject({ code: 'not-supported' })
    await expect(profileResult(engine, await read('select 1'), 0, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})
