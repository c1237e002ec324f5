import { describe, expect, test } from 'vitest'
import { toDuckdbSqls } from './view-sql'

const read = (dialect: string, sql: string) => toDuckdbSqls([{ dialect, sql }])[0]

describe('the SQL of a view for DuckDB', () => {
  test('comes in the order in which to try it: duckdb, spark, trino', () => {
    const sqls = ['trino', 'flink', 'Spark', 'duckdb'].map((dialect) => ({ dialect, sql: 'select 1' }))
    expect(toDuckdbSqls(sqls)).toEqual([
      { dialect: 'duckdb', sql: 'select 1', reason: null },
      { dialect: 'Spark', sql: 'select 1', reason: null },
      { dialect: 'trino', sql: 'select 1', reason: null },
      { dialect: 'flink', sql: null, reason: 'Query does not know this dialect' },
    ])
  })

  test('is taken as written in its own dialect, without the semicolon', () => {
    expect(read('duckdb', 'select list[1] / 2, strftime(d, \'%Y\') from "a".t; ')?.sql).toBe(
      'select list[1] / 2, strftime(d, \'%Y\') from "a".t',
    )
  })

  test('has double quotes in place of the backticks of Spark', () => {
    const sql = "SELECT `origin`, count(*) AS `a\"b``c` -- it`s\nFROM `demo`.flights WHERE x = 'it`s' AND y IN (1, 2)"
    expect(read('spark', sql)).toEqual({
      dialect: 'spark',
      sql: 'SELECT "origin", count(*) AS "a""b`c" -- it`s\nFROM "demo".flights WHERE x = \'it`s\' AND y IN (1, 2)',
      reason: null,
    })
  })

  test.each([
    ['spark', 'select a from t where b = "x"', 'it has text in double quotes, which are names in DuckDB'],
    ['spark', "select 'it\\'s'", 'it has text with a backslash, which DuckDB takes literally'],
    ['spark', 'select a from t where `b', 'its quotes do not match'],
    ['trino', 'select a / b from t', 'it uses a division, whose result differs between engines'],
    ['spark', 'select a[0] from t', 'it uses an index, which does not start at the same number in every engine'],
    ['spark', 'select a ^ 2 from t', 'it uses the operator ^, which is a power in DuckDB'],
    // Trino removes all white space, DuckDB only spaces.
    ['trino', 'select trim(a) from t', 'it uses trim(), which may differ in DuckDB'],
    ['trino', "select date_format(d, '%Y') from t", 'it uses date_format(), which may differ in DuckDB'],
    ['spark', 'select cast(a as int) from t', 'it uses cast(), which may differ in DuckDB'],
    [
      'spark',
      "select * from t where d > timestamp '2001-01-01 00:00:00'",
      'it uses a time literal, whose zone depends on the engine',
    ],
    ['trino', 'select current_date', 'it uses current_date, which depends on the zone of the engine'],
    ['spark', 'select a from t order by a limit 5', 'it uses an order of rows in which Spark puts nulls first'],
    ['spark', 'select 1; select 2', 'it is not one statement'],
    ['duckdb', '-- nothing', 'it is not one statement'],
  ])('is refused in %s: %s', (dialect, sql, reason) => {
    expect(read(dialect, sql)).toEqual({ dialect, sql: null, reason })
  })

  test.each([
    ['trino', 'select a from t order by a limit 5'],
    ['trino', "select a from t for timestamp as of timestamp '2001-03-06 09:03:00 UTC'"],
    ['spark', "select a from t timestamp as of '2001-03-06T09:03:00Z' join u version as of 'audit' using (b)"],
    ['trino', 'select snapshot_id from "t$snapshots"'],
    ['spark', 'select a from t order by a nulls first limit 5'],
    [
      'spark',
      "select count(*), round(avg(`x`), 1) from a.t where d >= date '2001-01-01' group by 1 having (max(x)) > 1",
    ],
    ['trino', 'with f as (select 1 as x) select row_number() over (order by x) from f where exists (select 1)'],
  ])('is taken from %s when nothing in it can differ: %s', (dialect, sql) => {
    expect(read(dialect, sql)?.reason).toBeNull()
  })
})
