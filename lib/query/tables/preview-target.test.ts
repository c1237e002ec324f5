import { expect, test } from 'vitest'
import { previewTarget } from './preview-target'

/** The target at `|`: the statement that runs, and the name of the common table. */
function targetAt(text: string): string | null {
  const target = previewTarget(text.replace('|', ''), text.indexOf('|'))
  if (target === null) return null
  expect(target.cursor).toBeLessThanOrEqual(target.sql.length)
  return `${target.commonTable ?? '-'}: ${target.sql.replaceAll('\n', ' ')}`
}

test('inside a common table expression, its rows are previewed, with those that it may read', () => {
  const text =
    'with a as (select 1 as x), "B b"(y) as not materialized (select x from (select * from a)) select * from "B b"'
  expect(targetAt(text.replace('select 1', 'sel|ect 1'))).toBe('a: with a as (select 1 as x) select * from "a"')
  expect(targetAt(text.replace('from a)', 'from a|)'))).toBe(
    'B b: with a as (select 1 as x), "B b"(y) as not materialized (select x from (select * from a)) select * from "B b"',
  )
  expect(targetAt(text.replace('with a', 'with |a'))).toBe('a: with a as (select 1 as x) select * from "a"')
})

test('elsewhere the statement at the cursor is previewed', () => {
  expect(targetAt('with a as (select 1) select * from |a')).toBe('-: with a as (select 1) select * from a')
  const two = previewTarget('select 1; select 2', 14)
  expect(two).toEqual({ sql: 'select 1; select 2', cursor: 18, commonTable: null })
  expect(targetAt('with recursive n(i) as (select 1 union all select i + 1 from n where i < 3|) from n')).toBe(
    'n: with recursive n(i) as (select 1 union all select i + 1 from n where i < 3) select * from "n"',
  )
})

test('a text without a query has no preview', () => {
  for (const text of ['|', ' -- note|', 'explain select 1|', 'describe t|', 'summarize t|', 'drop table t|'])
    expect(targetAt(text), text).toBeNull()
})

test('an unclosed common table expression is left to the engine to refuse', () => {
  expect(targetAt('with a as (select |1')).toBe('-: with a as (select 1')
  expect(targetAt('with |')).toBe('-: with ')
})
