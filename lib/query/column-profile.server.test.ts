import { DuckDBInstance } from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { profileColumn, profileSql } from './column-profile'
import { DISTINCT_MARGIN } from './distinct-margin'
import type { QueryResult } from './engine'

let query: (sql: string) => Promise<unknown[][]>
beforeAll(async () => {
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  query = async (sql) => (await duckdb.runAndReadAll(sql)).getRows()
})

const TABLE = { catalog: 'local', namespace: ['demo'], table: 'flights' }

/** Buckets between two that have rows. */
const empty = (count: number) => new Array<number>(count).fill(0)

/** Profiles a column of the values, which DuckDB itself computes. */
async function profile(
  type: Type,
  values: string,
  { where, rowCount = 10 }: { where?: string; rowCount?: number } = {},
) {
  const field: NestedField = { id: 1, name: 'odd "name', required: false, type }
  const run = async (sql: string) => {
    expect(sql).toContain('from local.demo.flights for version as of 7')
    const source = `(${values.startsWith('(') ? `values ${values}` : values}) t("odd ""name")`
    return toResult(await query(sql.replaceAll('local.demo.flights for version as of 7', source)))
  }
  return await profileColumn(field, { table: TABLE, snapshotId: '7', fields: [field], rowCount, where }, run)
}

function toResult(rows: unknown[][]): QueryResult {
  const columns = (rows[0] ?? []).map(() => ({ name: '', type: 'int' as const, sqlType: '' }))
  const batch = {
    rowCount: rows.length,
    value: (row: number, column: number) => rows[row]?.[column] as RowValue | null,
  }
  return { columns, batches: [batch] } as unknown as QueryResult
}

describe('The profile of a column', () => {
  test('has counts, bounds, the most frequent values and a histogram', async () => {
    const { rowCount, nullCount, values } = await profile('long', '(1), (1), (null), (9007199254740993), (1), (2)')
    expect([rowCount, nullCount]).toEqual([6, 1])
    expect(values).toMatchObject({ distinctCount: 3, isDistinctExact: true, nanCount: null, max: 9007199254740993n })
    expect(values?.top.map(({ count }) => count)).toEqual([3, 1, 1])
    expect(values?.histogram).toHaveLength(20)
    expect(values?.histogram.filter((count) => count > 0)).toEqual([4, 1])
    expect([values?.histogram[0], values?.histogram[19]]).toEqual([4, 1])
  })

  test('leaves NaN out of the bounds and infinities out of the histogram', async () => {
    const { values } = await profile('double', "('nan'::double), (1.5), (-2), ('inf'), (null)")
    expect(values).toMatchObject({ nanCount: 1, min: -2, max: Number.POSITIVE_INFINITY })
    expect(values?.histogram.reduce((sum, count) => sum + count, 0)).toBe(2)
    expect(values).toMatchObject({ infiniteCount: 1, finite: { min: -2, max: 1.5 } })
    const { values: infinite } = await profile('float', "('inf'::float), ('-inf'), ('nan')")
    expect(infinite).toMatchObject({ infiniteCount: 2, finite: null, histogram: new Array(20).fill(0) })
  })

  const every = (count: number) => new Array<number>(20).fill(count)
  const from = (rows: number, value: string) => `select ${value} from range(${rows}) t(i)`
  test.each<[Type, string, number[]]>([
    ['long', from(60, '9007199254740993 + i'), every(3)],
    ['long', from(60, '-9223372036854775807 + i'), every(3)],
    ['long', from(60, '9223372036854775807 - i'), every(3)],
    ['long', '(-9223372036854775808), (-1), (0), (9223372036854775807)', [1, ...empty(8), 1, 1, ...empty(8), 1]],
    ['decimal(38, 12)', from(60, '12345678901234567890123457::decimal(38, 12) + i::decimal(38, 12)'), every(3)],
    ['decimal(38, 12)', from(60, '-0.000000000030::decimal(38, 12) + i * 0.000000000001::decimal(38, 12)'), every(3)],
    ['decimal(38, 38)', '(.00000000000000000000000000000000000001::decimal(38, 38)), (0)', [1, ...empty(18), 1]],
    [
      'decimal(38, 0)',
      `('-${'9'.repeat(38)}'::decimal(38, 0)), (-1::decimal(38, 0)), (0), ('${'9'.repeat(38)}')`,
      [1, ...empty(8), 1, 1, ...empty(8), 1],
    ],
    [
      'date',
      "('-infinity'::date), ('1969-12-31'), ('1970-01-01'), ('infinity')",
      [1, ...empty(8), 1, 1, ...empty(8), 1],
    ],
    ['timestamp', from(60, "timestamp '290000-01-01' + i * interval 1 microsecond"), every(3)],
    ['timestamptz', from(60, 'make_timestamp(9000000000000000001 + i)::timestamptz'), every(3)],
    ['timestamp', "(timestamp '-infinity'), ('1970-01-01'), ('infinity')", [1, ...empty(9), 1, ...empty(8), 1]],
    ['timestamp_ns', from(60, 'make_timestamp_ns(1700000000000000000 + i)'), every(3)],
    ['timestamptz_ns', from(60, "'2023-11-14T22:13:20.' || (100000000 + i) || '+00:00'"), every(3)],
    [
      'timestamptz_ns',
      "('1677-09-21T00:12:43.145224192+00:00'), ('2262-04-11T23:47:16.854775807+00:00')",
      [1, ...empty(18), 1],
    ],
    ['time', from(60, "time '23:59:59.9999' + i * interval 1 microsecond"), every(3)],
    ['double', '(-1.7e308::double), (0), (1.7e308)', [1, ...empty(9), 1, ...empty(8), 1]],
    ['double', from(21, 'i / 10'), [...every(1).slice(1), 2]],
  ])('of %s counts each value of %s in its bucket', async (type, values, histogram) => {
    const { values: profiled } = await profile(type, values)
    expect(profiled?.histogram).toEqual(histogram)
  })

  test('of texts has a histogram of their lengths, and of one value a single bucket', async () => {
    const { values } = await profile('string', "('a'), ('bb'), ('bb'), ('')")
    expect(values).toMatchObject({ min: '', max: 'bb', lengths: { min: 0, max: 2 }, distinctCount: 3 })
    expect([values?.histogram[0], values?.histogram[10], values?.histogram[19]]).toEqual([1, 1, 2])
    const { values: same } = await profile('date', "(date '2001-03-06'), (date '2001-03-06')")
    expect(same?.histogram[0]).toBe(2)
  })

  test.each<[Type, string]>([
    ['timestamp', "(timestamp '2001-03-06 09:03:00'), (timestamp '2001-03-07 09:03:00')"],
    ['timestamptz', "(timestamptz '2001-03-06 09:03:00+00'), (timestamptz '2001-03-07 09:03:00+00')"],
    ['timestamp_ns', "(timestamp_ns '2001-03-06 09:03:00.123456789'), (timestamp_ns '2001-03-07 09:03:00')"],
    ['timestamptz_ns', "('2001-03-06T09:03:00.123456789+00:00'), ('2001-03-07T09:03:00.000000000+00:00')"],
    ['time', "(time '09:03:00'), (time '10:03:00')"],
    ['decimal(38, 2)', '(1.25::decimal(38,2)), (99999999999999999999.99::decimal(38,2))'],
  ])('of %s has both ends in the histogram', async (type, values) => {
    const { values: profiled } = await profile(type, values)
    expect([profiled?.histogram[0], profiled?.histogram[19], profiled?.distinctCount]).toEqual([1, 1, 2])
  })

  test('is of the rows that pass a filter', async () => {
    const where =
      '{"type":"and","left":{"type":"gt","term":{"type":"reference","id":1},"value":1},"right":{"type":"lt","term":{"type":"reference","id":1},"value":9}}'
    const { rowCount, nullCount, values } = await profile('long', '(1), (2), (null), (2), (8), (9)', { where })
    expect([rowCount, nullCount]).toEqual([3, 0])
    expect(values).toMatchObject({ distinctCount: 2, min: 2, max: 8, top: [{ value: 2 }, { value: 8 }] })
    expect(values?.histogram.filter((count) => count > 0)).toEqual([2, 1])
  })

  test('names the columns of its filter as the engine does', () => {
    const field: NestedField = { id: 2, name: 'ID', required: false, type: 'long' }
    const fields = [{ ...field, id: 1, name: 'id' }, field]
    const where = '{"type":"eq","term":{"type":"reference","id":2},"value":7}'
    const { summary } = profileSql({ ...field, id: 1, name: 'id' }, fields, { source: 't', rowCount: 1, where })
    expect(summary).toContain('from (select "id" from t where "ID_2" = 7)')
  })

  test('of nested values counts rows and nulls only, and of no rows is empty', async () => {
    const list: Type = { type: 'list', elementId: 2, element: 'int', elementRequired: false }
    expect(await profile(list, '([1]), (null)')).toEqual({ rowCount: 2, nullCount: 1, values: null })
    const { values } = await profile('int', '(null::integer)')
    expect(values).toMatchObject({ distinctCount: 0, min: null, max: null, top: [] })
  })

  test('counts how many values differ when a filter leaves few of many rows', async () => {
    const where = '{"type":"lt","term":{"type":"reference","id":1},"value":1000}'
    const { values } = await profile('long', 'select i % 5000 from range(50000) t(i)', { where, rowCount: 3_000_000 })
    expect(values).toMatchObject({ distinctCount: 1000, isDistinctExact: true })
  })

  test('counts few different values, and estimates how many differ only if they are many among many rows', async () => {
    const few = await profile('long', 'select i % 272 from range(2100000) t(i)', { rowCount: 2_100_000 })
    expect(few.values).toMatchObject({ distinctCount: 272, isDistinctExact: true })
    const many = await profile('long', 'select i from range(2100000) t(i)', { rowCount: 2_100_000 })
    expect(many.values?.isDistinctExact).toBe(false)
  })

  test('estimates how many values differ when there are many rows', () => {
    const field: NestedField = { id: 2, name: 'ID', required: false, type: 'long' }
    const fields = [{ ...field, id: 1, name: 'id' }, field]
    const { summary } = profileSql(field, fields, { source: 't', rowCount: 3_000_000 })
    expect(summary).toContain('approx_count_distinct("ID_2")')
  })

  test('states the margin that 95 of 100 estimates keep', async () => {
    const each = 20_000
    const sql = `select approx_count_distinct(i) from range(${500 * each}) t(i) group by i // ${each}`
    const errors = (await query(sql)).map(([n]) => Math.abs(Number(n) / each - 1))
    expect(errors).toHaveLength(500)
    const kept = errors.filter((error) => error <= DISTINCT_MARGIN).length / errors.length
    expect(kept).toBeGreaterThan(0.93)
    expect(kept).toBeLessThan(0.97)
  })
})
