import { readFileSync } from 'node:fs'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'
import { pageCodecs } from '@/server/parquet/page-codecs'
import type { StageResult } from '@/server/ingest/stage-request'

const { stage, rows, rejects, file } = createTestStaging()
const fields = (type: PrimitiveType) => [column(1, 'id', 'int'), column(2, 'at', type)]

/** The numbers of the column `at`, or of that in the struct `s`, as they are in the files, without interpreting their unit. */
async function storedNanos({ files }: StageResult): Promise<(bigint | null)[]> {
  const all = []
  for (const { stagedPath } of files) {
    const parsers = { timestampFromNanoseconds: (nanos: bigint) => nanos }
    const read = await parquetReadObjects({
      file: await asyncBufferFromFile(stagedPath),
      compressors: { ZSTD: pageCodecs.zstd },
      parsers,
    })
    all.push(...read.map(({ at, s }) => (s === undefined ? at : s.at)))
  }
  return all
}

async function logicalTypes({ files }: StageResult): Promise<unknown> {
  return queryDuckdb(
    `SELECT field_id, logical_type LIKE '%isAdjustedToUTC=1%NANOS=NanoSeconds%' FROM parquet_schema('${files[0]?.stagedPath}') WHERE name = 'at'`,
  )
}

describe('Nanoseconds', () => {
  const csv = `id,at
1,2001-02-03T04:05:06.123456789+02:00
2,1969-12-31 23:59:59.999999999Z
3,
4,2262-04-10T08:00:00-15:00
`
  const nanos = [981165906123456789n, -1n, null, 9223282800000000000n]

  it('with a zone are stored in UTC, and the file says so', async () => {
    const spec = { specId: 1, fields: [{ sourceId: 2, fieldId: 1000, name: 'd', transform: 'void' }] }
    for (const options of [{}, { spec }]) {
      const staged = await stage('csv', csv, fields('timestamptz_ns'), options)
      expect(await storedNanos(staged)).toEqual(nanos)
      expect(await logicalTypes(staged)).toEqual([['2', true]])
      const [{ metrics } = { metrics: null }] = staged.files
      expect(metrics?.lowerBounds.get(2)).toEqual(encodeSingleValue('timestamptz_ns', -1n))
      expect(metrics?.upperBounds.get(2)).toEqual(encodeSingleValue('timestamptz_ns', 9223282800000000000n))
      expect(metrics?.nullValueCounts.get(2)).toBe(1)
    }
  })

  it('without a zone are not marked as UTC', async () => {
    const staged = await stage('ndjson', '{"id":1,"at":"2001-02-03T04:05:06.000000007"}', fields('timestamp_ns'))
    expect(await storedNanos(staged)).toEqual([981173106000000007n])
    expect(await logicalTypes(staged)).toEqual([['2', false]])
  })

  it('inside lists and structs are marked in the same way', async () => {
    const list = { type: 'list', elementId: 4, element: 'timestamptz_ns', elementRequired: false } as const
    const nested = column(2, 's', {
      type: 'struct',
      fields: [column(3, 'at', list), column(5, 'local', 'timestamp_ns')],
    })
    const line = '{"s":{"at":["2001-02-03T04:05:06.000000007Z"],"local":"2001-02-03T04:05:06.000000008"}}'
    const { files } = await stage('ndjson', line, [nested])
    const path = files[0]?.stagedPath ?? ''
    expect(
      await queryDuckdb(
        `SELECT field_id, logical_type LIKE '%UTC=1%' FROM parquet_schema('${path}') WHERE logical_type LIKE '%NanoSeconds%' ORDER BY 1`,
      ),
    ).toEqual([
      ['4', true],
      ['5', false],
    ])
    expect(await queryDuckdb(`SELECT s.local::VARCHAR FROM '${path}'`)).toEqual([['2001-02-03 04:05:06.000000008']])
  })

  it('of a Parquet file are read completely, coarser units too, and values out of range are rejected', async () => {
    const path = file('units.parquet')
    await queryDuckdb(
      `COPY (SELECT 1 AS id, TIMESTAMP_NS '2001-02-03 04:05:06.123456789' AS ns, TIMESTAMP_MS '2001-02-03 04:05:06.123' AS ms,
         TIMESTAMPTZ '1677-09-23 00:00:00.000001+00' AS tz, TIMESTAMP '2262-04-11 23:47:16.854775' AS us
       UNION ALL SELECT 2, NULL, TIMESTAMP_MS '2500-01-01', TIMESTAMPTZ '1600-01-01 00:00:00+00', TIMESTAMP '1677-09-21 00:12:43.145224') TO '${path}'`,
    )
    const all = [
      column(1, 'id', 'int'),
      column(2, 'ns', 'timestamp_ns'),
      column(3, 'ms', 'timestamp_ns'),
      column(4, 'tz', 'timestamptz_ns'),
      column(5, 'us', 'timestamp_ns'),
    ]
    const staged = await stage('parquet', readFileSync(path), all, { maxRejectedRows: 1 })
    expect(await rows(staged, 'ns::VARCHAR, ms::VARCHAR, us::VARCHAR')).toEqual([
      ['2001-02-03 04:05:06.123456789', '2001-02-03 04:05:06.123', '2262-04-11 23:47:16.854775'],
    ])
    const reason = 'is outside 1677-09-21T00:12:43.145224192 to 2262-04-11T23:47:16.854775807, the range of nanoseconds'
    expect(rejects()).toEqual([
      { line: 2, column: 'ms', value: '2500-01-01 00:00:00', reason },
      { line: 2, column: 'tz', value: '1600-01-01 00:00:00+00', reason },
      { line: 2, column: 'us', value: '1677-09-21 00:12:43.145224', reason },
    ])
  })

  it('at both ends of their range are loaded, apart from the last microsecond inside a nested column', async () => {
    const first = '1677-09-20T22:12:43.145224192-02:00'
    const last = '2262-04-12T01:47:16.854775807+02:00'
    const ends = await stage('csv', `id,at\n1,${first}\n2,${last}\n`, fields('timestamptz_ns'))
    expect(await storedNanos(ends)).toEqual([-(2n ** 63n), 2n ** 63n - 1n])
    const nested = column(2, 's', { type: 'struct', fields: [column(3, 'at', 'timestamptz_ns')] })
    const texts = [first, '1677-09-20T22:12:43.145225-02:00', '2262-04-12T01:47:16.854775806+02:00', last]
    const lines = texts.map((text) => JSON.stringify({ s: { at: text } })).join('\n')
    const staged = await stage('ndjson', lines, [nested], { maxRejectedRows: 2 })
    expect(await storedNanos(staged)).toEqual([-9_223_372_036_854_775_000n, 9_223_372_036_854_775_806n])
    const reason =
      'is in the first or the last microsecond of the range of nanoseconds, which cannot be written inside a nested column'
    expect(rejects()).toEqual([
      { line: 1, column: 's.at', value: first, reason },
      { line: 4, column: 's.at', value: last, reason },
    ])
  })

  it('beyond the ninth decimal and outside their range are rejected', async () => {
    const text = 'id,at\n1,2001-01-01T00:00:00.1234567891\n2,1500-01-01T00:00:00\n3,2001-01-01T00:00:00.000000001000\n'
    const staged = await stage('csv', text, fields('timestamp_ns'), { maxRejectedRows: 2 })
    expect(await storedNanos(staged)).toEqual([978307200000000001n])
    expect(rejects().map(({ line }) => line)).toEqual([2, 3])
  })
})

describe('A column of type unknown', () => {
  const withUnknown = [column(1, 'id', 'int'), column(2, 'u', 'unknown'), column(3, 'x', 'string')]
  const inFile = async (staged: StageResult) => [await rows(staged), staged.files.map(({ recordCount }) => recordCount)]

  it('is not written to the files, whether the input has it or not', async () => {
    expect(await inFile(await stage('csv', 'id,x\n1,a\n', withUnknown))).toEqual([[[1, 'a']], [1]])
    expect(await inFile(await stage('csv', 'u,id,x\n,1,a\n', withUnknown))).toEqual([[[1, 'a']], [1]])
    expect(await inFile(await stage('ndjson', '{"id":1,"u":null,"x":"a"}', withUnknown))).toEqual([[[1, 'a']], [1]])
    const path = file('unknown.parquet')
    await queryDuckdb(`COPY (SELECT 1 AS id, NULL::INTEGER AS u, 'a' AS x) TO '${path}'`)
    expect(await inFile(await stage('parquet', readFileSync(path), withUnknown))).toEqual([[[1, 'a']], [1]])
  })

  it('accepts no value', async () => {
    await stage('csv', 'id,u,x\n1,5,a\n2,,b\n', withUnknown, { maxRejectedRows: 1 })
    const reason = 'is a value, but a column of type unknown holds none'
    expect(rejects()).toEqual([{ line: 2, column: 'u', value: '5', reason }])
    const path = file('known.parquet')
    await queryDuckdb(`COPY (SELECT 1 AS id, 5 AS u, 'a' AS x) TO '${path}'`)
    await expect(stage('parquet', readFileSync(path), withUnknown)).rejects.toMatchObject({ code: 'rows-rejected' })
    expect(rejects()).toEqual([{ line: 1, column: 'u', value: '5', reason }])
  })

  it('cannot be the only column of a table', async () => {
    await expect(stage('csv', 'u\n\n', [column(1, 'u', 'unknown')])).rejects.toMatchObject({ code: 'not-supported' })
  })
})
