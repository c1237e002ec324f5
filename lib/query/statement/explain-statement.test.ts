import { expect, test } from 'vitest'
import { explainStatement } from './explain-statement'

test('the statement at the cursor is explained, the others stay', () => {
  const text = 'select 1;\n select 2; select 3'
  expect(explainStatement(text, 14, { isAnalyze: false })).toEqual({
    sql: 'select 1;\n explain select 2; select 3',
    cursor: 27,
  })
  expect(explainStatement(text, 14, { isAnalyze: true }).sql).toBe('select 1;\n explain analyze select 2; select 3')
})

test('an EXPLAIN that is there already is replaced', () => {
  for (const text of ['explain select 2', 'EXPLAIN ANALYZE select 2', 'explain (format text) select 2'])
    expect(explainStatement(text, 3, { isAnalyze: true })).toEqual({ sql: 'explain analyze select 2', cursor: 24 })
  expect(explainStatement('', 0, { isAnalyze: false })).toEqual({ sql: '', cursor: 0 })
})
