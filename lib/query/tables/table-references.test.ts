import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { findTableReferences } from './table-references'
import type { QueryClock } from './time-travel'
import { tokenize } from '../statement/tokenize'

const CLOCK = { nowMs: Date.UTC(2026, 10, 21, 14) }
const references = (sql: string, clock: QueryClock = CLOCK) => findTableReferences(tokenize(sql), clock)
const names = (sql: string) => references(sql).map(({ parts }) => parts.join('/'))

describe('tables are found where SQL expects them', () => {
  test.each([
    ['select * from demo.flights', ['demo/flights']],
    ['from demo.flights', ['demo/flights']],
    ['select * from local.a.b."c.d"', ['local/a/b/c.d']],
    ['select * from "De""mo"."Fl ights" f', ['De"mo/Fl ights']],
    ['select * from a.t, b.u as x, c.v w (p, q) where 1 in (select 2, 3)', ['a/t', 'b/u', 'c/v']],
    ['select * from a.t join b.u on t.x = u.x left join c.v using (x, y), d.w', ['a/t', 'b/u', 'c/v', 'd/w']],
    ['select * from (a.t join b.u on true) cross join (select * from c.v) s', ['a/t', 'b/u', 'c/v']],
    ['select * from ((select 1 from a.t) union all (select 1 from b.u)) x', ['a/t', 'b/u']],
    ['select (select max(x) from a.t), exists (from b.u) from c.v', ['a/t', 'b/u', 'c/v']],
    ['select * from a.t where x in (select y from b.u) and z = any(select w from c.v)', ['a/t', 'b/u', 'c/v']],
    ['select * from a.t, lateral (select * from b.u where u.x = t.x) l', ['a/t', 'b/u']],
    ['select a from a.t union select b from b.u intersect from c.v', ['a/t', 'b/u', 'c/v']],
    ['select 1 where (1, 2) in ((select 1, 2 from a.t) union select 1, 2 from b.u)', ['a/t', 'b/u']],
    ['from f: a.t select f.x', ['a/t']],
    ['select [x for x in list if x], {"a": (select 1 from a.t)}', ['a/t']],
    ['values ((select 1 from a.t))', ['a/t']],
    ['from values (1), (2) v(x), a.t', ['a/t']],
    ['describe a.t', ['a/t']],
    ['summarize a.t', ['a/t']],
    ['summarize select x from a.t', ['a/t']],
    ['explain analyze select * from a.t', ['a/t']],
    ['explain (format json) select * from a.t', ['a/t']],
    ['select * from a.t pivot (sum(x) for y in (1, 2)) p, b.u', ['a/t', 'b/u']],
    ['pivot a.t on b, c using sum(d), max(e)', ['a/t']],
    ['unpivot (from a.t join b.u using (id)) on c, d into name n value v', ['a/t', 'b/u']],
    ['select /* from x.y */ 1 -- from z.w\nfrom a.t', ['a/t']],
    ['select 1 as from, t.from from a.t', ['a/t']],
  ])('%s', (sql, expected) => {
    expect(names(sql)).toEqual(expected)
  })

  test.each([
    'select extract(year from d.x), substring(s from 2), trim(both from b.c), trim(from b.c)',
    'select a is distinct from b.c, a is not distinct from b.c',
    'select * from range(10) r, generate_series(1, 2), unnest([1, 2])',
    "select 'from a.b', $$ from a.b $$",
    'select * from main.range(3)',
    'select 1 order by 2, 3',
  ])('no table is found in: %s', (sql) => {
    expect(references(sql)).toEqual([])
  })

  test('a FROM with a table function may name tables too', () => {
    expect(names('select * from range(3) r, a.t')).toEqual(['a/t'])
  })

  test('a file in place of a table is refused', () => {
    expect(() => references("select * from '/etc/passwd'")).toThrow(AppError)
    expect(() => references("select * from a.t, 'https://example.com/x.parquet'")).toThrow(
      /only reads tables of the lake/,
    )
  })
})

describe('a common table expression shadows a table, only in its scope', () => {
  test.each([
    ['with f as (select * from demo.flights) select * from f', ['demo/flights']],
    ['with f as (select 1), g as (select * from f) select * from F, "f", g', []],
    ['with f as (select * from f) select * from f', ['f']],
    ['with recursive f(n) as (select 1 union all select n + 1 from f) select * from f', []],
    ['select * from (with f as (select 1) select * from f) x, f', ['f']],
    ['with f as (with g as (select 1) select * from g) select * from f, g', ['g']],
    ['with f as materialized (select 1), g(a, b) as not materialized (select * from f) from g', []],
    ['select (with f as (select 1) select * from f), (select 2 from f)', ['f']],
    ['with f as (select 1) select * from a.f', ['a/f']],
    ['with f as (select 1) select * from a.t where x in (select * from f)', ['a/t']],
    ['with recursive f(a) using key (a) as (select 1 union select a from recurring.f) from f', []],
    ['explain with f as (select 1) from f', []],
    ['with f as (select 1) select * from (f join a.t on true)', ['a/t']],
  ])('%s', (sql, expected) => {
    expect(names(sql)).toEqual(expected)
  })
})

describe('time travel', () => {
  const asOf = (sql: string) => references(sql)[0]?.asOf

  test.each([
    ['for version as of 3051729675574597004', { snapshotId: '3051729675574597004' }],
    ["FOR VERSION AS OF 'q1-close'", { ref: 'q1-close' }],
    ['for version as of audit', { ref: 'audit' }],
    ['for system_version as of "my branch" f', { ref: 'my branch' }],
    ['version as of 7', { snapshotId: '7' }],
    ["for version as of '20240101'", { ref: '20240101' }],
    ["for timestamp as of '2001-03-06 09:03:00'", { atMs: Date.UTC(2001, 2, 6, 9, 3) }],
    ["for timestamp as of timestamp '2001-03-06T09:03:00.123456Z'", { atMs: Date.UTC(2001, 2, 6, 9, 3, 0, 123) }],
    ["for timestamp as of timestamptz '2001-03-06 09:03:00+01'", { atMs: Date.UTC(2001, 2, 6, 8, 3) }],
    ["for system_time as of '2001-03-06 09:03-03:30'", { atMs: Date.UTC(2001, 2, 6, 12, 33) }],
    ["timestamp as of date '2001-03-06'", { atMs: Date.UTC(2001, 2, 6) }],
  ])('%s', (clause, expected) => {
    expect(asOf(`select * from demo.flights ${clause}`)).toEqual(expected)
    expect(asOf(`select * from demo.flights ${clause} as f where f.x > 1`)).toEqual(expected)
  })

  test.each([
    ["for timestamp as of '2001-03-06 09:03:00'", Date.UTC(2001, 2, 6, 9, 3)],
    ["for timestamp as of '2001-07-06'", Date.UTC(2001, 6, 6)],
    ["for timestamp as of '6 Mar 2001, 09:03:00.517'", Date.UTC(2001, 2, 6, 9, 3, 0, 517)],
    ["for timestamp as of '2001-03-06T09:03:00Z'", Date.UTC(2001, 2, 6, 9, 3)],
    ["for timestamp as of '2001-03-06 09:03:00-05:00'", Date.UTC(2001, 2, 6, 14, 3)],
    ["for timestamp as of '6 Mar 2001, 09:03:00 America/New_York'", Date.UTC(2001, 2, 6, 14, 3)],
    // As the console writes its times.
    ["for timestamp as of '6 Mar 2001, 09:03:00 UTC+1'", Date.UTC(2001, 2, 6, 8, 3)],
    ["for timestamp as of '6 Mar 2001, 09:03:00 UTC-3:30'", Date.UTC(2001, 2, 6, 12, 33)],
    // The second 02:30 of a night with two is named by its offset.
    ["for timestamp as of '2001-10-28 02:30:00+01'", Date.UTC(2001, 9, 28, 1, 30)],
  ])('a time without a zone is in UTC as every literal, one with a zone is exact: %s', (clause, atMs) => {
    const [found] = references(`from demo.flights ${clause} f`)
    expect(found).toMatchObject({ asOf: { atMs } })
  })

  test.each([
    ["'2026-11-21 15:30:00'", "'2026-11-21 15:30:00' is in the future: it is now 21 Nov 2026, 14:00:00 in UTC."],
    ["'2030-01-01T00:00:00Z'", "'2030-01-01T00:00:00Z' is in the future: it is now 21 Nov 2026, 14:00:00 in UTC."],
    [
      "'2001-03-25 02:30:00 Europe/Berlin'",
      "'2001-03-25 02:30:00 Europe/Berlin' does not exist in Europe/Berlin: the clocks skip it.",
    ],
    [
      "'2001-10-28 02:30:00 Europe/Berlin'",
      "'2001-10-28 02:30:00 Europe/Berlin' occurs twice in Europe/Berlin, because the clocks are set back.",
    ],
  ])('a time that no snapshot can have, or that is not one instant, is refused: %s', (time, message) => {
    expect(() => references(`from demo.flights for timestamp as of ${time}`)).toThrow(message)
  })

  test('a time without a zone is refused where no zone is known', () => {
    const clock = { ...CLOCK, requiresZone: true }
    expect(() => references("from a.t for timestamp as of '2001-03-06'", clock)).toThrow(/has no time zone/)
    expect(references("from a.t for timestamp as of '2001-03-06 00:00 UTC'", clock)).toHaveLength(1)
  })

  test('each table of a statement has its own', () => {
    const sql = 'from a.t for version as of 1 join a.t for version as of 2 as old using (id), a.t now'
    expect(references(sql).map((r) => [r.asOf.snapshotId, r.alias])).toEqual([
      ['1', null],
      ['2', 'old'],
      [undefined, 'now'],
    ])
  })

  test.each([
    "for timestamp as of '2001-02-30'",
    "for timestamp as of '2001-03-06 24:00:00'",
    "for timestamp as of 'yesterday'",
    "for timestamp as of '2001-03-06 09:03:00 Middle/Earth'",
    'for timestamp as of 983869380',
    'for version as of (select 1)',
    'for version as of',
    'for version 3',
  ])('an invalid clause is refused with its position: %s', (clause) => {
    const sql = `select * from demo.flights ${clause}`
    const problem = (() => {
      try {
        references(sql)
      } catch (error) {
        return error
      }
    })()
    expect(problem).toBeInstanceOf(AppError)
    expect(problem instanceof AppError && problem.facts.start).toBe(sql.indexOf('for '))
  })

  test('a common table expression has no versions', () => {
    expect(() => references('with f as (select 1) from f for version as of 3')).toThrow(/has no versions/)
  })

  test('an alias may be a word of the clause', () => {
    expect(references('select * from a.t version where version.x = 1')[0]).toMatchObject({ asOf: {}, alias: 'version' })
    expect(references('select * from a.t timestamp')[0]).toMatchObject({ asOf: {}, alias: 'timestamp' })
  })
})
