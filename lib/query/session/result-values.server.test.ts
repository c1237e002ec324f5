import { type Data, RecordBatchReader, type RecordBatch } from 'apache-arrow'
import { beforeAll, describe, expect, test } from 'vitest'
import { lineText } from '@/lib/scan/value-text'
import { type NodeDuckdb, resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { toIcebergType, toRowValue } from './result-values'

let wasm: NodeDuckdb
beforeAll(async () => {
  wasm = await resetNodeDuckdb()
})

function column(sql: string): { batch: RecordBatch; data: Data } {
  const [batch] = [...RecordBatchReader.from(wasm.run(sql))]
  const data = batch?.data.children[0]
  if (!batch || !data) throw new Error('no rows')
  return { batch, data }
}

function displayedValue(expression: string): string[] {
  const { batch, data } = column(`select unnest(${expression}) as x`)
  const type = toIcebergType(data.type)
  return Array.from({ length: batch.numRows }, (_, i) => {
    const value = toRowValue(data, i)
    return value === null ? 'null' : lineText(type, value, 'UTC')
  })
}

describe('DuckDB’s results are shown exactly', () => {
  test.each([
    [
      '[9223372036854775807, -9223372036854775808, null]::bigint[]',
      ['9223372036854775807', '-9223372036854775808', 'null'],
    ],
    ['[18446744073709551615]::ubigint[]', ['18446744073709551615']],
    ['[4294967295]::uinteger[]', ['4294967295']],
    [
      "['170141183460469231731687303715884105727', '-170141183460469231731687303715884105728']::hugeint[]",
      ['170141183460469231731687303715884105727', '-170141183460469231731687303715884105728'],
    ],
    ["['-9999999999999999999999999999.0000000001']::decimal(38, 10)[]", ['-9999999999999999999999999999.0000000001']],
    ['[-0.05, 12.50]::decimal(4, 2)[]', ['-0.05', '12.50']],
    ["['0.1', 'nan']::float[]", ['0.1', 'NaN']],
    [
      "['2001-03-06 09:03:00', '1969-12-31 23:59:59.999999']::timestamp[]",
      ['2001-03-06 09:03:00', '1969-12-31 23:59:59.999999'],
    ],
    ["['2001-03-06 09:03:00.123456789']::timestamp_ns[]", ['2001-03-06 09:03:00.123456789']],
    ["['2001-03-06 09:03:00']::timestamp_s[]", ['2001-03-06 09:03:00']],
    ["['2001-03-06 09:03:00.5']::timestamp_ms[]", ['2001-03-06 09:03:00.500000']],
    ["['0001-01-01', '1969-12-31']::date[]", ['0001-01-01', '1969-12-31']],
    ["['infinity', '-infinity']::date[]", ['infinity', '-infinity']],
    ["['infinity', '-infinity']::timestamp[]", ['infinity', '-infinity']],
    ["['infinity']::timestamp_s[]", ['infinity']],
    ["['23:59:59.999999']::time[]", ['23:59:59.999999']],
    ["['\\x00\\xFF'::blob]", ['0x00ff']],
    ["['00112233-4455-6677-8899-aabbccddeeff']::uuid[]", ['00112233-4455-6677-8899-aabbccddeeff']],
    ["['b', null]::enum('a', 'b')[]", ['b', 'null']],
    ['[interval 14 month, interval 3 day, interval 1500 millisecond]', ['14 months', '3 days', '1.5 s']],
    ["[chr(65279) || 'a', 'a' || chr(65279), chr(65279)]", ['\uFEFFa', 'a\uFEFF', '\uFEFF']],
    ["[(chr(65279) || 'a')::enum('\uFEFFa', 'a')]", ['\uFEFFa']],
    ["[{'a': [chr(65279) || 'b']}]", ['a ["\uFEFFb"]']],
    ["[map {chr(65279) || 'k': chr(65279) || 'v'}]", ['{"\uFEFFk": "\uFEFFv"}']],
    ['[true, false]', ['true', 'false']],
    ['[null]', ['null']],
    ["[{'a': 9007199254740993, 'b': [1.5, null]}]", ['a 9007199254740993, b [1.5, null]']],
    ["[map {'k': timestamp '2001-03-06 09:03:00'}]", ['{"k": 2001-03-06 09:03:00}']],
    ['[[1, 2]::int[2]]', ['[1, 2]']],
  ])('%s', (expression, expected) => {
    expect(displayedValue(expression)).toEqual(expected)
  })

  test('also in a slice of a batch', () => {
    const { batch } = column("select i, [i, i + 1] as l, {'s': i} as s from range(10) r(i)")
    const [numbers, lists, structs] = batch.slice(7, 9).data.children
    const at = (data: Data | undefined) => data && toRowValue(data, 1)
    expect([at(numbers), at(lists), at(structs)]).toEqual([8n, [8n, 9n], [8n]])
  })
})
