import { describe, expect, test } from 'vitest'
import { rewriteTables } from './rewrite-tables'
import { splitStatements } from '../statement/statements'
import { findTableReferences } from './table-references'

function rewriteStatement(source: string, index = 0) {
  const statement = splitStatements(source)[index]
  if (!statement) throw new Error('no statement')
  const references = findTableReferences(statement.tokens, { nowMs: 0 })
  const locals = references.map((_, i) => `t${i + 1}`)
  return rewriteTables(source, statement, references, locals)
}

describe('names of the lake become local names', () => {
  test.each([
    ['select origin from demo.flights', 'select origin from "t1" AS "flights"'],
    ['select f.origin from demo.flights f', 'select f.origin from "t1" f'],
    ['select f.origin from demo.flights as f', 'select f.origin from "t1" as f'],
    ['from demo.flights for version as of 3 where x', 'from "t1" AS "flights" where x'],
    ["from demo.flights for version as of 'a' f", 'from "t1" f'],
    ['select flights.origin from demo.flights', 'select flights.origin from "t1" AS "flights"'],
    ['select demo.flights.origin from demo.flights', 'select "flights".origin from "t1" AS "flights"'],
    ['select demo.flights.origin from rem.demo.flights', 'select "flights".origin from "t1" AS "flights"'],
    ['select DEMO.flights.* from demo.flights', 'select "flights".* from "t1" AS "flights"'],
    ['select local.demo.flights.leg.taxi from local.demo.flights', 'select "flights".leg.taxi from "t1" AS "flights"'],
    ['select a.t.x, b.t.x from a.t, b.t', 'select "a.t".x, "b.t".x from "t1" AS "a.t", "t2" AS "b.t"'],
    ['describe demo.flights', 'describe SELECT * FROM "t1"'],
    ['summarize demo.flights for version as of q1', 'summarize SELECT * FROM "t1"'],
    ['with f as (from a.t) from f', 'with f as (from "t1" AS "t") from f'],
  ])('%s', (sql, expected) => {
    expect(rewriteStatement(sql).sql).toBe(expected)
  })

  test('only the statement that runs is passed on', () => {
    expect(rewriteStatement('select 1; from a.t;', 1).sql).toBe('from "t1" AS "t"')
  })
})

describe('positions map back to the text as written', () => {
  test('after a table, after a name of many bytes, and in another statement', () => {
    const source = "select 'größe ✈ 😀'; select 'ü✈😀', delai from demo.flights for version as of 3 where delai > wrong"
    const { sql, toSource } = rewriteStatement(source, 1)
    const bytes = (needle: string) => new TextEncoder().encode(sql.slice(0, sql.indexOf(needle))).length
    expect(toSource(bytes('delai'))).toBe(source.indexOf('delai'))
    expect(toSource(bytes('wrong'))).toBe(source.indexOf('wrong'))
    expect(toSource(bytes('"t1"'))).toBe(source.indexOf('demo.flights'))
    expect(toSource(bytes('"flights"'))).toBe(source.indexOf('demo.flights'))
    expect(toSource(bytes(' where'))).toBe(source.indexOf(' where'))
    expect(toSource(0)).toBe(source.indexOf("select 'ü"))
  })
})

test('tables keep their written names where the engine repeats its SQL', () => {
  const source = 'select (select count(*) from demo.flights), (select 1 from "a b".t as x) from demo.flights f'
  const { toSourceText: asWritten } = rewriteStatement(source)
  expect(asWritten('(SELECT count_star() FROM "t1" AS flights)')).toBe('(SELECT count_star() FROM demo.flights)')
  expect(asWritten('(SELECT 1 FROM "t2" AS x)')).toBe('(SELECT 1 FROM "a b".t AS x)')
})
