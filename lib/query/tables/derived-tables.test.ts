import { expect, test } from 'vitest'
import { findDerivedTables } from './derived-tables'
import { tokenize } from '../statement/tokenize'

const CLOCK = { nowMs: 0 }

/** Each derived table as `name(columns) + tables of its star`. */
function derivedOf(sql: string): string[] {
  return findDerivedTables(tokenize(sql), CLOCK).derived.map(({ name, columns, tablesOfStar }) => {
    const stars = tablesOfStar.map(({ parts }) => ` + ${parts.join('.')}`)
    return `${name}(${columns.join(', ')})${stars.join('')}`
  })
}

test.each([
  ['with m as (select date, f.delay d, avg(x) as mean, a.b from demo.f f) select from m', ['m(date, d, mean, b)']],
  ['with m as (select * from demo.f) select from m as n', ['n() + demo.f']],
  ['with m as (from demo.f) from m', ['m() + demo.f']],
  ['with m(a, "B c") as (select 1, 2) select from m', ['m(a, B c)']],
  ['with a as (select x from demo.t), b as (select a.*, 1 as one from a) from b', ['a(x)', 'b(one, x)']],
  ['select from (select distinct origin, count(*) n from demo.f) s where', ['s(origin, n)']],
  ['select from demo.f f join (select g.*, 1 as k from demo.g g, demo.h h) j on', ['j(k) + demo.g']],
  ['with m as materialized (select case when a then b end, -c, d::int from demo.f) from m', ['m()']],
  ['with m as (select 1 as a union all select 2 as b) from m x, range(3) y', ['x(a)']],
  ['select a from demo.f', []],
  ['with m as (', []],
])('%s', (sql, expected) => {
  expect(derivedOf(sql)).toEqual(expected)
})

test('the names of common tables can be read in FROM', () => {
  const { commonTableNames } = findDerivedTables(tokenize('with Month as (select 1), b as (select 2) select'), CLOCK)
  expect(commonTableNames).toEqual(['Month', 'b'])
})

test('queries that are nested very deeply end', () => {
  const sql = `select * from ${'(select * from '.repeat(300)}demo.f${') s'.repeat(300)}`
  expect(() => derivedOf(sql)).not.toThrow()
})
