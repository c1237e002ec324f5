import { describe, expect, test } from 'vitest'
import { checkReadOnly, parseExplain } from './read-only'
import { tokenize } from './tokenize'

const check = (sql: string) => checkReadOnly(tokenize(sql))

describe('only read-only statements run', () => {
  test.each([
    'select 1',
    'SELECT 1',
    'with a as (select 1) select * from a',
    'with recursive a(n, m) as (select 1, 2), b as not materialized (select 3) from a',
    'from t',
    'values (1)',
    'pivot t on a',
    'unpivot t on a, b',
    'describe t',
    'summarize t',
    'explain select 1',
    'explain analyze with a as (select 1) select * from a',
    'explain (format json) select 1',
    '((select 1) union (select 2))',
    'select * from t where action in (select 1)',
  ])('%s', (sql) => {
    expect(() => check(sql)).not.toThrow()
  })

  test.each([
    'insert into t values (1)',
    'update t set a = 1',
    'delete from t',
    "copy t to 'x'",
    "attach 'x'",
    'install httpfs',
    'load httpfs',
    'set memory_limit = 1',
    'reset memory_limit',
    'pragma version',
    'create table t (a int)',
    'drop table t',
    'call pragma_version()',
    "export database 'x'",
    "import database 'x'",
    'checkpoint',
    'begin',
    'use memory',
    'prepare a as select 1',
    'execute a',
    'explain insert into t values (1)',
    'explain analyze delete from t',
    'with a as (select 1) insert into t select * from a',
    'with a(x) as (select 1), b as materialized (select 2) delete from t',
    'explain with a as (select 1) update t set a = 1',
    '(insert into t values (1))',
    '"select" 1',
    "'select'",
    '; drop table t'.slice(2),
  ])('refused: %s', (sql) => {
    expect(() => check(sql)).toThrow(/Start with SELECT/)
  })

  test('the refusal says why', () => {
    expect(() => check('delete from t')).toThrow('DELETE is not allowed: Query is read-only.')
    expect(() => check('install httpfs')).toThrow('INSTALL is not a supported statement.')
    expect(() => check('explain show tables')).toThrow('SHOW is a statement of its own')
  })

  test('a misspelt keyword is corrected', () => {
    expect(() => check('selct 1')).toThrow(
      expect.objectContaining({ facts: { start: 0, end: 5, hint: 'Did you mean SELECT?' } }),
    )
    expect(() => check('install httpfs')).toThrow(expect.objectContaining({ facts: { start: 0, end: 7 } }))
  })
})

test('EXPLAIN plans a statement, EXPLAIN ANALYZE runs it', () => {
  const errorFacts = (sql: string) => {
    const what = parseExplain(tokenize(sql))
    return what && [what.executes, what.tokens.map(({ text }) => text).join(' ')]
  }
  expect(errorFacts('explain select 1')).toEqual([false, 'select 1'])
  expect(errorFacts('explain analyze select 1')).toEqual([true, 'select 1'])
  expect(errorFacts('explain (format json) (select 1)')).toEqual([false, '( select 1 )'])
  expect(errorFacts('explain (analyze, format json) from t')).toEqual([true, 'from t'])
  expect(errorFacts('explain (select 1)')).toEqual([false, '( select 1 )'])
  expect(errorFacts('select 1')).toBeNull()
})
