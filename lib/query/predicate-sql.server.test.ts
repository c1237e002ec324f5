import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { parsePredicateText } from '@/lib/scan/predicate/predicate-text'
import { filterToSql } from './predicate-sql'

const FIELDS: NestedField[] = [
  { id: 1, name: 'id', required: false, type: 'int' },
  { id: 2, name: 'speed', required: false, type: 'double' },
  { id: 3, name: 'ratio', required: false, type: 'float' },
  { id: 4, name: 'at', required: false, type: 'timestamptz' },
  { id: 5, name: 'key', required: false, type: 'binary' },
  { id: 6, name: 'price', required: false, type: 'decimal(20, 2)' },
  {
    id: 7,
    name: 'leg',
    required: false,
    type: {
      type: 'struct',
      fields: [
        { id: 8, name: 'to', required: false, type: 'string' },
        { id: 9, name: 'in.ner', required: false, type: 'int' },
      ],
    },
  },
  { id: 10, name: 'leg.x', required: false, type: 'int' },
]
const ROWS = `
  (1, 1.5, 0.1, '2001-03-06T09:03:00.000001+00', '\\x00\\xFF'::blob, 123456789012345678.25, {'to': 'ABQ', 'in.ner': 5}, 7),
  (2, 'nan', 'nan', '2001-03-06T11:03:00+02', ''::blob, 0, {'to': null, 'in.ner': 6}, 8),
  (3, null, null, null, null, null, null, null),
  (4, -0.0, -2, '1969-12-31T23:59:59+00', 'a'::blob, -1, {'to': 'A''B', 'in.ner': null}, null)`

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(
    'create table t (id int, speed double, ratio float, "at" timestamptz, key blob, price decimal(20, 2), leg struct("to" varchar, "in.ner" int), "leg.x" int)',
  )
  await connection.run(`insert into t values ${ROWS}`)
})
afterAll(() => connection.closeSync())

describe('The SQL of a filter selects in DuckDB the rows that the filter does', () => {
  it.each<[string, number[]]>([
    ['speed > 1', [1]],
    ['speed >= 0', [1, 4]],
    ['speed != 1.5', [2, 4]],
    ['not (speed > 1)', [2, 4]],
    ['speed is nan or speed is null', [2, 3]],
    ['speed is not nan', [1, 4]],
    ['speed = 0', [4]],
    ['ratio = 0.1', [1]],
    ['at = "2001-03-06T09:03:00+00:00"', [2]],
    ['at > "2001-03-06T09:03:00+00:00"', [1]],
    ['key = "00ff"', [1]],
    ['key = ""', [2]],
    ['price in (123456789012345678.25, -1)', [1, 4]],
    ['id not in (1)', [2, 3, 4]],
    ['leg.to starts with "A"', [1, 4]],
    [`leg.to = "A'B"`, [4]],
    ['leg.to contains "BQ"', [1]],
    ['leg.to not contains "BQ"', [4]],
    ['leg.to ends with "B"', [4]],
    ['leg.to not ends with "B"', [1]],
    ['id between 2 and 3', [2, 3]],
    ['at < "2001-03-06 09:03:00.000001"', [2, 4]],
    ['leg.to is null', [2, 3]],
    ['leg.in.ner > 4', [1, 2]],
    ['`leg.x` = 7', [1]],
  ])('%s', async (text, ids) => {
    const where = stringifyExactJson(predicateToJson(parsePredicateText(text)))
    const reader = await connection.runAndReadAll(
      `select id from t where ${filterToSql({ where, fields: FIELDS })} order by id`,
    )
    expect(reader.getRows().map(([id]) => id)).toEqual(ids)
  })
})
