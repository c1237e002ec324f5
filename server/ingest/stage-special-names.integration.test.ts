import { mkdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'

const { stage, preview, rows, file } = createTestStaging()
const FIELDS = [column(1, 'x', 'long')]

it.each(['a*.parquet', 'a?.parquet', '[ab]1.parquet', 'a{1,2}.parquet', 'day=1/a.parquet'])(
  'A Parquet file with the path %s is read alone, and has its own columns only',
  async (name) => {
    await queryDuckdb(`COPY (SELECT 1::BIGINT AS x) TO '${file('one.parquet')}'`)
    await queryDuckdb(`COPY (SELECT 2::BIGINT AS x) TO '${file('two.parquet')}'`)
    mkdirSync(file('day=1'), { recursive: true })
    const others = [{ path: 'a1.parquet', bytes: readFileSync(file('two.parquet')) }]
    const bytes = readFileSync(file('one.parquet'))
    const read = await preview('parquet', bytes, FIELDS, { path: name, others })
    expect([read.unmappedFields, read.rows.map(({ values }) => values)]).toEqual([[], [['1']]])
    expect(await rows(await stage('parquet', bytes, FIELDS, { path: name, others }))).toEqual([['1']])
  },
)

it.each(['a*.csv', '[ab]1.csv'])('A CSV file with the path %s is read alone', async (name) => {
  const others = [{ path: 'a1.csv', bytes: new TextEncoder().encode('x\n2\n') }]
  expect(await rows(await stage('csv', 'x\n1\n', FIELDS, { path: name, others }))).toEqual([['1']])
})
