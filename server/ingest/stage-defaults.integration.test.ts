import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'
import type { Json } from '@/lib/iceberg/json/json'

const { stage, rows, rejects, file } = createTestStaging()
const SPEC = { specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'id', transform: 'identity' }] }

function withDefault(id: number, name: string, type: Type, writeDefault: Json, required = false): NestedField {
  return { ...column(id, name, type, required), initialDefault: null, writeDefault }
}

/** The default in the schema, and the value that DuckDB reads from the file. */
const DEFAULTS: readonly (readonly [PrimitiveType, Json, string])[] = [
  ['boolean', true, 'true'],
  ['int', -34, '-34'],
  ['long', 9007199254740993n, '9007199254740993'],
  ['float', 0.1, '0.1'],
  ['double', -0, '-0.0'],
  ['double', 1e300, '1e+300'],
  ['decimal(9, 2)', '14.20', '14.20'],
  ['date', '2017-11-16', '2017-11-16'],
  ['time', '22:31:08.123456', '22:31:08.123456'],
  ['timestamp', '2017-11-16T22:31:08.123456', '2017-11-16 22:31:08.123456'],
  ['timestamptz', '2017-11-16T22:31:08.123456+00:00', '2017-11-16 22:31:08.123456+00'],
  ['timestamp_ns', '2017-11-16T22:31:08.123456789', '2017-11-16 22:31:08.123456789'],
  ['string', 'it\'s "é"', 'it\'s "é"'],
  ['string', '', ''],
  ['uuid', 'f79c3e09-677c-4bbd-a479-3f349cb785e7', 'f79c3e09-677c-4bbd-a479-3f349cb785e7'],
  ['binary', '00ff', '\\x00\\xFF'],
]
const all = [
  column(1, 'id', 'int', true),
  ...DEFAULTS.map(([type, value], i) => withDefault(i + 2, `c${i}`, type, value, i % 2 === 0)),
]
const shown = ['id', ...DEFAULTS.map((_default, i) => `c${i}::VARCHAR`)].join(', ')
const expected = DEFAULTS.map(([, , text]) => text)

describe('A column that the input does not have', () => {
  it.each([
    ['csv', 'id\n1\n'],
    ['ndjson', '{"id":1}'],
  ] as const)('has its write default in rows of %s, required or not', async (format, input) => {
    expect(await rows(await stage(format, input, all), shown)).toEqual([[1, ...expected]])
    expect(await rows(await stage(format, input, all, { spec: SPEC }), shown)).toEqual([[1, ...expected]])
  })

  it('has its write default in rows of Parquet', async () => {
    const path = file('absent.parquet')
    await queryDuckdb(`COPY (SELECT 1 AS id) TO '${path}'`)
    expect(await rows(await stage('parquet', readFileSync(path), all), shown)).toEqual([[1, ...expected]])
  })

  it('is null when it has no write default, even if it has an initial default', async () => {
    const old: NestedField = { ...column(2, 'a', 'int'), initialDefault: 5 }
    const none = withDefault(3, 'b', 'int', null)
    expect(await rows(await stage('csv', 'id\n1\n', [column(1, 'id', 'int'), old, none]))).toEqual([[1, null, null]])
  })

  it('is refused when it is required and has no default', async () => {
    const fields = [column(1, 'id', 'int'), { ...column(2, 'a', 'int', true), initialDefault: 5 }]
    await expect(stage('csv', 'id\n1\n', fields)).rejects.toMatchObject({
      facts: { columns: '"a"' },
    })
  })

  it('is refused when its default does not fit, before anything is read', async () => {
    const map: Type = { type: 'map', keyId: 8, key: 'int', valueId: 9, value: 'int', valueRequired: false }
    const unfit: [Type, Json][] = [
      ['int', 'many'],
      ['timestamp', '2017-11-16T22:31:08.123456789'],
      [map, { keys: [1, 2], values: [1] }],
      [map, { keys: [1, 1], values: [1, 2] }],
      [map, [1]],
    ]
    for (const [type, value] of unfit) {
      const fields = [column(1, 'id', 'int'), withDefault(2, 'a', type, value)]
      for (const format of ['csv', 'ndjson'] as const) {
        await expect(stage(format, format === 'csv' ? 'id\n1\n' : '{"id":1}', fields)).rejects.toMatchObject({
          code: 'not-supported',
          facts: { column: 'a' },
        })
      }
    }
  })

  it('has its default in the partition values, too', async () => {
    const fields = [column(1, 'id', 'int'), withDefault(2, 'kind', 'string', 'new')]
    const spec = { specId: 1, fields: [{ sourceId: 2, fieldId: 1000, name: 'kind', transform: 'identity' }] }
    const { files } = await stage('csv', 'id\n1\n2\n', fields, { spec })
    expect(files.map(({ partition, recordCount }) => [partition, recordCount])).toEqual([[['new'], 2]])
  })
})

describe('A null in the input', () => {
  const fields = [column(1, 'id', 'int'), withDefault(2, 'a', 'string', 'x')]

  it('stays null', async () => {
    expect(await rows(await stage('csv', 'id,a\n1,\n2,y\n', fields))).toEqual([
      [1, null],
      [2, 'y'],
    ])
    const lines = ['{"id":1,"a":null}', '{"id":2}', '{"id":3,"a":"y"}', '{"id":4}', '{"id":5,"a":null}']
    expect(await rows(await stage('ndjson', lines.join('\n'), fields))).toEqual([
      [1, null],
      [2, 'x'],
      [3, 'y'],
      [4, 'x'],
      [5, null],
    ])
  })

  it('is rejected when a value is required', async () => {
    const required = [column(1, 'id', 'int'), withDefault(2, 'a', 'string', 'x', true)]
    await stage('csv', 'id,a\n1,\n2,y\n', required, { maxRejectedRows: 1 })
    expect(rejects()).toMatchObject([{ line: 2, column: 'a', value: null }])
  })
})

describe('Defaults inside a column', () => {
  const point = (writeDefault: Json) =>
    withDefault(
      2,
      'p',
      { type: 'struct', fields: [withDefault(3, 'x', 'long', 0), withDefault(4, 'y', 'binary', '00ff', true)] },
      writeDefault,
    )
  const lines = ['{"id":1}', '{"id":2,"p":{"x":3}}', '{"id":3,"p":{"y":"11"}}', '{"id":4,"p":{"x":null,"y":"22"}}']
  const read = async (writeDefault: Json) =>
    rows(await stage('ndjson', lines.join('\n'), [column(1, 'id', 'int'), point(writeDefault)]), 'p.x, hex(p.y)')

  it('follow the table in the specification', async () => {
    const rest = [
      ['3', '00FF'],
      ['0', '11'],
      [null, '22'],
    ]
    expect(await read(null)).toEqual([[null, null], ...rest])
    expect(await read({})).toEqual([['0', '00FF'], ...rest])
  })

  it('create a struct, a list and a map that the input does not have', async () => {
    const list: Type = { type: 'list', elementId: 6, element: 'decimal(4, 2)', elementRequired: true }
    const map: Type = { type: 'map', keyId: 8, key: 'int', valueId: 9, value: 'date', valueRequired: false }
    const fields = [
      column(1, 'id', 'int'),
      point({}),
      withDefault(5, 'l', list, ['1.50', '2.00']),
      withDefault(7, 'm', map, { keys: [1, 2], values: ['2001-01-01', null] }),
    ]
    const made = [['0', '00FF', '[1.50, 2.00]', '{1=2001-01-01, 2=NULL}']]
    const select = 'p.x, hex(p.y), l::VARCHAR, m::VARCHAR'
    expect(await rows(await stage('csv', 'id\n1\n', fields), select)).toEqual(made)
    expect(await rows(await stage('csv', 'id\n1\n', fields, { spec: SPEC }), select)).toEqual(made)
    expect(await rows(await stage('ndjson', '{"id":1}', fields), select)).toEqual(made)
  })

  it('are not filled into structs of a Parquet file', async () => {
    const path = file('partial.parquet')
    await queryDuckdb(`COPY (SELECT 1 AS id, {'x': 3::BIGINT} AS p) TO '${path}'`)
    const staged = stage('parquet', readFileSync(path), [column(1, 'id', 'int'), point(null)])
    await expect(staged).rejects.toMatchObject({ code: 'invalid-request', facts: { column: 'p' } })
  })
})
