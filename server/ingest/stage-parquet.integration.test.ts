import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { column, createTestStaging, queryDuckdb, type StagingOptions } from '@/testing/ingest/test-staging'

const { stage, rejects, rows, file } = createTestStaging()
let inputs = 0

/** Stages rows given as SQL, through a Parquet file that DuckDB writes. */
async function stageSql(sql: string, fields: Parameters<typeof stage>[2], options?: StagingOptions) {
  inputs += 1
  const path = file(`made-${inputs}.parquet`)
  await queryDuckdb(`COPY (${sql}) TO '${path}'`)
  return stage('parquet', readFileSync(path), fields, options)
}

describe('A Parquet column of another type', () => {
  const TAKEN: readonly (readonly [string, Type, string, readonly unknown[]])[] = [
    ['INTEGER', 'long', '7', ['7']],
    ['BIGINT', 'int', '-2147483648', [-2147483648]],
    ['UBIGINT', 'long', '9223372036854775807', ['9223372036854775807']],
    ['SMALLINT', 'decimal(7, 2)', '12', ['12.00']],
    ['DOUBLE', 'long', '1204.0', ['1204']],
    ['DOUBLE', 'float', '1.5', [1.5]],
    ['DOUBLE', 'float', "'nan'", ['NaN']],
    ['FLOAT', 'double', '1.5', [1.5]],
    ['DOUBLE', 'decimal(4, 2)', '0.25', ['0.25']],
    ['DECIMAL(10, 4)', 'decimal(6, 2)', '1.2300', ['1.23']],
    ['BIGINT', 'double', '9007199254740992', [9007199254740992]],
    ['TIMESTAMP_NS', 'timestamp', "'2001-01-01 00:00:00.000001'", ['2001-01-01 00:00:00.000001']],
    ['TIMESTAMP_MS', 'timestamp', "'2001-01-01 00:00:00.001'", ['2001-01-01 00:00:00.001']],
    ['VARCHAR', 'long', "'9007199254740993'", ['9007199254740993']],
    ['UUID', 'uuid', "'f47ac10b-58cc-4372-a567-0e02b2c3d479'", ['f47ac10b-58cc-4372-a567-0e02b2c3d479']],
    ['BLOB', 'binary', "'\\x00'", ['\\x00']],
    ['DATE', 'date', "'2001-01-01'", ['2001-01-01']],
    ['TIMESTAMPTZ', 'timestamptz', "'2001-01-01 00:00:00+00'", ['2001-01-01 00:00:00+00']],
  ]
  it.each(TAKEN)('%s is accepted for %s when nothing is lost', async (from, type, value, read) => {
    const staged = await stageSql(`SELECT ${value}::${from} AS x UNION ALL SELECT NULL ORDER BY x NULLS LAST`, [
      column(1, 'x', type),
    ])
    expect(await rows(staged)).toEqual([read, [null]])
  })

  const REJECTED: readonly (readonly [string, Type, string])[] = [
    ['BIGINT', 'int', '2147483648'],
    ['UBIGINT', 'long', '9223372036854775808'],
    ['DOUBLE', 'long', '1204.5'],
    ['DOUBLE', 'long', "'nan'"],
    ['DOUBLE', 'float', '0.1'],
    ['DOUBLE', 'float', '1e39'],
    ['DECIMAL(10, 4)', 'decimal(6, 2)', '1.2345'],
    ['DECIMAL(10, 2)', 'decimal(4, 2)', '100.00'],
    ['DECIMAL(10, 2)', 'int', '1.50'],
    ['BIGINT', 'double', '9007199254740993'],
    ['TIMESTAMP_NS', 'timestamp', "'2001-01-01 00:00:00.000000001'"],
    ['VARCHAR', 'decimal(4, 2)', "'1.239'"],
  ]
  it.each(REJECTED)('%s is rejected for %s when something would be lost', async (from, type, value) => {
    const fields = [column(1, 'id', 'int'), column(2, 'x', type)]
    const staged = await stageSql(
      `SELECT 1 AS id, NULL::${from} AS x UNION ALL SELECT 2, ${value}::${from} ORDER BY id`,
      fields,
      { maxRejectedRows: 1 },
    )
    expect(await rows(staged)).toEqual([[1, null]])
    expect(rejects()).toMatchObject([{ line: 2, column: 'x', value: expect.any(String), reason: expect.any(String) }])
  })

  const REFUSED: readonly (readonly [string, Type, string])[] = [
    ['TIMESTAMP', 'timestamptz', "'2001-01-01'"],
    ['TIMESTAMPTZ', 'timestamp', "'2001-01-01 00:00:00+00'"],
    ['DATE', 'timestamp', "'2001-01-01'"],
    ['BIGINT', 'string', '1'],
    ['BLOB', 'string', "'x'"],
    ['BIGINT', 'boolean', '1'],
    ['INTEGER[]', 'int', '[1]'],
    ['INTEGER', { type: 'list', elementId: 2, element: 'int', elementRequired: false }, '1'],
    ['STRUCT(b INTEGER)', { type: 'struct', fields: [column(2, 'a', 'int')] }, "{'b': 1}"],
  ]
  it.each(REFUSED)('%s is refused for %s as an incompatible type', async (from, type, value) => {
    const staged = stageSql(`SELECT ${value}::${from} AS x`, [column(1, 'x', type)])
    await expect(staged).rejects.toMatchObject({ code: 'invalid-request', facts: { column: 'x' } })
  })
})

describe('A nested Parquet column', () => {
  const place = {
    type: 'struct',
    fields: [
      column(2, 'lat', 'float', true),
      column(3, 'tags', { type: 'list', elementId: 4, element: 'int', elementRequired: true }),
    ],
  } as const
  const counts = { type: 'map', keyId: 6, key: 'string', valueId: 7, value: 'int', valueRequired: true } as const
  const fields = [column(1, 'place', place), column(5, 'counts', counts)]

  it('is narrowed when nothing is lost', async () => {
    const sql = `SELECT {'tags': [1::BIGINT, 2], 'lat': 1.5::DOUBLE} AS place, map {'a': 1::BIGINT} AS counts`
    expect(await rows(await stageSql(sql, fields))).toEqual([[{ lat: 1.5, tags: [1, 2] }, [{ key: 'a', value: 1 }]]])
  })

  it('is rejected when something inside would be lost or is missing', async () => {
    const values = [
      `{'lat': 0.1::DOUBLE, 'tags': [1::BIGINT]}, map {'a': 1::BIGINT}`,
      `{'lat': 1.5, 'tags': [3000000000]}, NULL`,
      `{'lat': NULL, 'tags': [1]}, NULL`,
      `{'lat': 1.5, 'tags': [1, NULL]}, NULL`,
      `NULL, map {'a': NULL}`,
      `NULL, NULL`,
    ]
    const sql = values.map((value, i) => `SELECT ${i} AS n, ${value}`).join(' UNION ALL ')
    const staged = await stageSql(`SELECT place, counts FROM (${sql} ORDER BY n) AS t(n, place, counts)`, fields, {
      maxRejectedRows: 9,
    })
    expect(rejects().map(({ line, column: name }) => [line, name])).toEqual([
      [1, 'place'],
      [2, 'place'],
      [3, 'place'],
      [4, 'place'],
      [5, 'counts'],
    ])
    expect(await rows(staged)).toEqual([[null, null]])
  })

  it('may lack an optional field, and have an extra one only with ignoreExtra', async () => {
    const lacking = `SELECT {'lat': 1.5::FLOAT} AS place, NULL::MAP(VARCHAR, INTEGER) AS counts`
    expect(await rows(await stageSql(lacking, fields), 'place')).toEqual([[{ lat: 1.5, tags: null }]])
    const more = `SELECT {'lat': 1.5::FLOAT, 'tags': [1], 'z': 1} AS place, NULL::MAP(VARCHAR, INTEGER) AS counts`
    await expect(stageSql(more, fields)).rejects.toThrow('Column place has the field z, which the table does not have.')
    expect(await rows(await stageSql(more, fields, { ignoreExtra: true }), 'place')).toEqual([
      [{ lat: 1.5, tags: [1] }],
    ])
    const without = `SELECT {'tags': [1]} AS place, NULL::MAP(VARCHAR, INTEGER) AS counts`
    await expect(stageSql(without, fields)).rejects.toThrow(
      'Column place lacks the field lat, which the table requires.',
    )
  })

  it('supports lists of structs', async () => {
    const items = {
      type: 'list',
      elementId: 2,
      element: { type: 'struct', fields: [column(3, 'a', 'int', true)] },
      elementRequired: false,
    } as const
    const sql = `SELECT * FROM (VALUES (1, [{'a': 1::BIGINT}]), (2, [{'a': NULL}]), (3, [NULL])) AS t(n, x)`
    const staged = await stageSql(`SELECT x FROM (${sql}) ORDER BY n`, [column(1, 'x', items)], { maxRejectedRows: 1 })
    expect(await rows(staged)).toEqual([[[{ a: 1 }]], [[null]]])
    expect(rejects()).toMatchObject([{ line: 2 }])
  })
})

describe('A Parquet input', () => {
  it('rejects null in a required column', async () => {
    const sql = 'SELECT range::INTEGER AS n, CASE WHEN range <> 1 THEN range END AS x FROM range(3)'
    const staged = await stageSql(sql, [column(1, 'n', 'int'), column(2, 'x', 'long', true)], { maxRejectedRows: 1 })
    expect(await rows(staged, 'n')).toEqual([[0], [2]])
    expect(rejects()).toEqual([
      { line: 2, column: 'x', value: null, reason: 'is null, and the table requires a value' },
    ])
  })

  it('may have columns of any name', async () => {
    const names = ['line', 'f0', 'r0', 'v0', 'p0', 'misfits', 'select', 'a b', 'say "x"', "it's", 'é']
    const fields = names.map((name, i) => column(i + 1, name, 'int'))
    const list = names.map((name, i) => `${i}::BIGINT AS "${name.replaceAll('"', '""')}"`).join(', ')
    const spec = { specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'p', transform: 'identity' }] }
    for (const options of [{}, { spec }]) {
      const staged = await stageSql(`SELECT ${list}`, fields, options)
      expect(await rows(staged)).toEqual([names.map((_name, i) => i)])
    }
  })

  it('is matched by name, with absent columns null', async () => {
    const staged = await stageSql("SELECT 'x' AS b, 1 AS a", [
      column(1, 'a', 'int'),
      column(2, 'b', 'string'),
      column(3, 'c', 'date'),
    ])
    expect(await rows(staged)).toEqual([[1, 'x', null]])
    await expect(stageSql('SELECT 1 AS a, 2 AS z', [column(1, 'a', 'int')])).rejects.toThrow('"z"')
  })

  it('that is truncated, or not Parquet, is damaged', async () => {
    const path = file('whole.parquet')
    await queryDuckdb(`COPY (SELECT range AS a FROM range(10000)) TO '${path}'`)
    const whole = readFileSync(path)
    for (const bytes of [
      whole.subarray(0, whole.length - 20),
      whole.subarray(whole.length - 300),
      Buffer.from('no'),
      Buffer.alloc(0),
    ]) {
      const staged = stage('parquet', bytes, [column(1, 'a', 'long')])
      await expect(staged).rejects.toMatchObject({
        code: 'file-damaged',
        message: expect.stringContaining('cannot be read'),
      })
    }
    const holed = Buffer.from(whole)
    holed.fill(0xee, 4, 60)
    await expect(stage('parquet', holed, [column(1, 'a', 'long')])).rejects.toMatchObject({ code: 'file-damaged' })
  })

  it('with decimals of more digits than Iceberg supports is refused', async () => {
    const path = file('wide-decimal.parquet')
    await queryDuckdb(`COPY (SELECT 1.10::DECIMAL(38, 2) AS x) TO '${path}'`)
    const bytes = readFileSync(path)
    // The precision in the footer, a zigzag integer after its field header. It occurs twice: in the converted and in
    // the logical type.
    const precision = Buffer.from([0x15, 38 * 2])
    let found = 0
    for (let at = bytes.indexOf(precision); at >= 0; at = bytes.indexOf(precision, at + 2)) {
      bytes[at + 1] = 50 * 2
      found += 1
    }
    expect(found).toBeGreaterThan(0)
    const staged = stage('parquet', bytes, [column(1, 'x', 'decimal(38, 2)')])
    await expect(staged).rejects.toMatchObject({ code: 'not-supported', facts: { column: 'x' } })
  })

  it('with a column named like DuckDB’s row number is refused', async () => {
    const staged = stageSql('SELECT 1 AS file_row_number', [column(1, 'file_row_number', 'int')])
    await expect(staged).rejects.toMatchObject({ code: 'not-supported', facts: { column: 'file_row_number' } })
  })
})

describe('Nanoseconds that DuckDB would silently truncate', () => {
  /** Times in microseconds that an edited footer declares as nanoseconds, since DuckDB does not write such columns. */
  async function stageNanos(
    nanos: readonly (number | null)[],
    options?: StagingOptions,
    type: PrimitiveType = 'timestamptz',
  ) {
    inputs += 1
    const path = file(`nanos-${inputs}.parquet`)
    const values = nanos.map((value, i) => `(${i + 1}, ${value === null ? 'NULL' : `make_timestamptz(${value})`})`)
    await queryDuckdb(`COPY (SELECT * FROM (VALUES ${values.join(', ')}) AS r(id, "at")) TO '${path}'`)
    return stage('parquet', inNanos(readFileSync(path)), [column(1, 'id', 'int'), column(2, 'at', type)], options)
  }

  it('are loaded when every time is a whole number of microseconds', async () => {
    const staged = await stageNanos([-1_000, 1_700_000_000_123_456_000, null, 0])
    expect(await rows(staged)).toEqual([
      [1, '1969-12-31 23:59:59.999999+00'],
      [2, '2023-11-14 22:13:20.123456+00'],
      [3, null],
      [4, '1970-01-01 00:00:00+00'],
    ])
  })

  it('are rejected with their row otherwise, and the other rows loaded', async () => {
    const staged = await stageNanos([-1_001, 1_000, null, 999], { maxRejectedRows: 2 })
    expect(await rows(staged)).toEqual([
      [2, '1970-01-01 00:00:00.000001+00'],
      [3, null],
    ])
    expect(rejects()).toEqual([
      { line: 1, column: 'at', value: '1969-12-31 23:59:59.999998999+00', reason: 'is more precise than microseconds' },
      { line: 4, column: 'at', value: '1970-01-01 00:00:00.000000999+00', reason: 'is more precise than microseconds' },
    ])
  })

  it('are stored in a column of nanoseconds', async () => {
    const staged = await stageNanos([-1_001, 1_000, null, 999], {}, 'timestamptz_ns')
    const [{ metrics } = { metrics: null }] = staged.files
    expect(metrics?.lowerBounds.get(2)).toEqual(encodeSingleValue('timestamptz_ns', -1_001n))
    expect(metrics?.upperBounds.get(2)).toEqual(encodeSingleValue('timestamptz_ns', 1_000n))
    expect(metrics?.nullValueCounts.get(2)).toBe(1)
  })

  it('are refused inside a nested column, unless it is skipped', async () => {
    const path = file('nested-nanos.parquet')
    await queryDuckdb(`COPY (SELECT 1 AS id, {'at': make_timestamptz(1000)} AS s) TO '${path}'`)
    const bytes = inNanos(readFileSync(path))
    const nested = column(2, 's', { type: 'struct', fields: [column(3, 'at', 'timestamptz')] })
    await expect(stage('parquet', bytes, [column(1, 'id', 'int'), nested])).rejects.toMatchObject({
      code: 'not-supported',
      facts: { column: 's' },
    })
    expect(await rows(await stage('parquet', bytes, [column(1, 'id', 'int')], { ignoreExtra: true }))).toEqual([[1]])
  })
})

function inNanos(bytes: Buffer): Buffer {
  const footerAt = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
  // LogicalType.TIMESTAMP { isAdjustedToUTC: true, unit: MICROS } of the compact protocol, MICROS (0x2c) to NANOS (0x3c).
  const micros = bytes.indexOf(Buffer.from([0x11, 0x1c, 0x2c, 0x00, 0x00]), footerAt)
  expect(micros).toBeGreaterThan(0)
  bytes[micros + 2] = 0x3c
  return bytes
}
