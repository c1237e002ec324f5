import { DuckDBInstance } from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import { DISABLED_OPTIMIZERS, neededColumns } from './explain-plan'

const TABLES = new Map([
  ['s', ['a', 'b', 'leg', 'd']],
  ['t', ['a', 'b']],
])

let explain: (sql: string) => Promise<string>

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run('create table s (a bigint, b varchar, leg struct(x int, taxi struct(out int)), d timestamp)')
  await connection.run('create table t (a bigint, b varchar)')
  await connection.run(`set disabled_optimizers = '${DISABLED_OPTIMIZERS}'`)
  explain = async (sql) => {
    const reader = await connection.runAndReadAll(`explain (format json) ${sql}`)
    return String(reader.getRows()[0]?.[1])
  }
})

describe("DuckDB's plan shows which columns a statement needs", () => {
  test.each([
    ['select a from s', ['a']],
    ['select count(*) from s', []],
    ["select a from s where b = 1::varchar and d > timestamp '2001-01-01'", ['a', 'b', 'd']],
    ['select a from s where b is null', ['a', 'b']],
    ['select leg.taxi.out from s', ['leg']],
    ['select count(*) from s where false', []],
    ['select b from s order by a limit 3', ['a', 'b']],
    ['select * from s limit 3', ['a', 'b', 'leg', 'd']],
    ['select b from (select * from s)', ['b']],
    ['summarize select * from s', ['a', 'b', 'leg', 'd']],
    ['select s.b from s left join t on s.a = t.a where s.leg.x > 2', ['a', 'b', 'leg']],
  ])('%s', async (sql, columns) => {
    expect(neededColumns(await explain(sql), TABLES).byTable.get('s')).toEqual(columns)
  })

  test('of every table of the statement', async () => {
    const { byTable } = neededColumns(await explain('select s.b from s, t where s.a = t.a'), TABLES)
    expect([...byTable]).toEqual([
      ['s', ['a', 'b']],
      ['t', ['a']],
    ])
  })
})

describe('the first rows of a table are enough', () => {
  test.each([
    ['select a, upper(b) from s limit 10', true],
    ['from s', true],
    ['select count(*) from s limit 10', false],
    ['select max(a) from s', false],
    ['select a from s where a > 1 limit 10', false],
    ['select distinct a from s limit 10', false],
    ['select a from s order by a limit 10', false],
    ['select s.a from s, t limit 10', false],
    ['select unnest([1, 2]), a from s limit 10', false],
    ['select a from s union all select a from t limit 10', false],
    ['select a, row_number() over () from s limit 10', false],
  ])('%s: %s', async (sql, expected) => {
    expect(neededColumns(await explain(sql), TABLES).isFirstRowsOnly).toBe(expected)
  })
})

test('a column that cannot be matched requires all columns', () => {
  const plan = [{ name: 'SEQ_SCAN ', children: [], extra_info: { Table: 's', Projections: ['zz'] } }]
  expect(neededColumns(JSON.stringify(plan), TABLES).byTable.get('s')).toEqual(['a', 'b', 'leg', 'd'])
})

test('text that is not a plan is an error, not an empty plan', () => {
  const [name, extra_info, children] = ['SEQ_SCAN', {}, []]
  for (const plan of [
    {},
    [null],
    [{ extra_info, children }],
    [{ name, children }],
    [{ name, extra_info: [], children }],
    [{ name, extra_info }],
    [{ name, extra_info, children: [{ name }] }],
    [{ name: 'SEQ_SCAN', extra_info: {}, children }],
    [{ name, extra_info: { Table: 's', Projections: [1] }, children }],
  ])
    expect(() => neededColumns(JSON.stringify(plan), TABLES), JSON.stringify(plan)).toThrow(/DuckDB returned/)
  expect(() => neededColumns('no JSON', TABLES)).toThrow(SyntaxError)
})
