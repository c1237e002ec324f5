import { describe, expect, it } from 'vitest'
import { findNamesInView, normalizeViewSql, viewSqlProblem } from './view-sql-problem'

describe('The SQL of a view', () => {
  it.each([
    ['spark', 'SELECT `a b` FROM t -- all of it\n'],
    ['trino', '(SELECT 1) UNION ALL (SELECT 2)'],
    ['duckdb', 'FROM demo.t;'],
    ['duckdb', 'WITH a AS (SELECT 1) SELECT * FROM a'],
    ['flink', 'whatever it says'],
    ['spark', 'SELECT "a text in Spark"'],
    ['duckdb', "SELECT a[1:n], a[:n], {b:c}, d:e, f::date, '?', extract(year FROM g) FROM t"],
  ])('can be, in %s: %s', (dialect, sql) => {
    expect(viewSqlProblem({ dialect, sql })).toBeNull()
  })

  it.each([
    ['flink', ' ;\n', 'Write the query'],
    ['duckdb', '-- nothing', 'Write the query'],
    ['spark', 'INSERT INTO t VALUES (1)', 'not with INSERT'],
    ['duckdb', 'DESCRIBE t', 'not with DESCRIBE'],
    ['trino', 'SELECT 1; SELECT 2', 'several statements'],
    ['trino', "SELECT 'a", 'not closed'],
    ['duckdb', 'SELECT * FROM t WHERE a = $since', 'names $since'],
    ['duckdb', 'SELECT $1', 'names $1'],
    ['trino', 'SELECT * FROM t WHERE a = ?', 'names ?'],
    ['spark', 'SELECT :x AS id', 'names :x'],
    ['spark', 'SELECT * FROM t WHERE a IN (:x, 2)', 'names :x'],
  ])('cannot be, in %s: %s', (dialect, sql, problem) => {
    expect(viewSqlProblem({ dialect, sql })).toEqual(expect.stringContaining(problem))
  })

  it('loses the semicolon at its end', () => {
    expect(normalizeViewSql("select ';' ;\n; ")).toBe("select ';'")
  })

  it('names tables as the view finds them', () => {
    const view = { catalog: 'local', namespace: ['demo'], table: 'v' }
    const defaults = { defaultCatalog: 'elsewhere', defaultNamespace: ['other'] }
    const sql = 'SELECT * FROM a JOIN demo.b USING (id) JOIN lake.demo.c USING (id)'
    const names = (dialect: string, text: string, change = {}) =>
      findNamesInView({ dialect, sql: text }, view, { ...defaults, ...change }, ['local', 'lake']).map(
        ({ catalog, namespace, table }) => [catalog, ...namespace, table].join('.'),
      )
    expect(names('spark', sql)).toEqual(['local.other.a', 'local.demo.b', 'lake.demo.c'])
    expect(names('spark', sql, { defaultNamespace: [] })).toEqual(['local.demo.b', 'lake.demo.c'])
    expect(names('flink', sql)).toEqual([])
    expect(names('trino', 'SELECT (')).toEqual([])
  })
})
