import { describe, expect, test } from 'vitest'
import { rewriteTables } from '@/lib/query/tables/rewrite-tables'
import { tokenize } from '@/lib/query/statement/tokenize'
import { withoutMacros } from './macro-call'
import { findZoneNames, mentionsZones } from './zone-names'
import { findZoneEdits } from './zone-rewrite'

function rewrite(sql: string): string {
  const tokens = tokenize(sql)
  const statement = { start: 0, end: sql.length, tokens }
  return rewriteTables(sql, statement, [], [], { otherEdits: findZoneEdits(tokens, []) }).sql.replaceAll(
    'lakeshore_zone.',
    'z.',
  )
}

describe('SQL with time zones calls macros', () => {
  test.each([
    ['select ts::date', 'select z.cast_date(ts)'],
    ['select f.ts::timestamp with time zone::varchar', 'select z.cast_varchar(z.cast_timestamptz(f.ts))'],
    ["select '2020-01-01'::timestamptz", "select '2020-01-01'::timestamptz"],
    ['select a[1]::date, (a + b)::time', 'select z.cast_date(a[1]), z.cast_time((a + b))'],
    ['select try_cast(ts as varchar(3))', 'select z.try_cast_varchar(ts )'],
    ['select l::timestamptz[]', 'select l::timestamptz[]'],
    ["select ts at time zone 'UTC'", "select z.timezone('UTC', ts )"],
    ['select extract(epoch from ts), extract(hour from ts)', "select z.part_epoch( ts), z.date_part('hour',  ts)"],
    ["select date_part('epoch', ts), year(ts)", 'select z.part_epoch( ts), z.year(ts)'],
    ['select try_cast(l as date[])', 'select TRY_CAST(z.without_zone(l ) AS date[])'],
    ["select concat(ts, 'a')", "select concat(z.text(ts), z.text('a'))"],
    [
      'select max(ts)::date',
      'select list_transform([max(ts)], lambda lakeshore_value: z.cast_date(lakeshore_value))[1]',
    ],
    [
      'select count(*) filter (where a)::varchar',
      'select list_transform([count(*) filter (where a)], lambda lakeshore_value: z.cast_varchar(lakeshore_value))[1]',
    ],
    ['select current_date, t.date_trunc', 'select z.current_date(), t.date_trunc'],
  ])('%s', (sql, expected) => {
    expect(rewrite(sql)).toBe(expected)
  })

  test.each([
    "select make_timestamptz(2023, 1, 1, 0, 0, 0, 'Berlin/Europe')",
    'select ts::timetz',
    'select current_time',
    'select ts at time zone zone',
  ])('and refuses %s', (sql) => {
    expect(() => rewrite(sql)).toThrow(expect.objectContaining({ code: 'query-failed' }))
  })
})

test('zones are found in the texts of a statement', () => {
  expect(findZoneNames(tokenize("select ts at time zone 'Europe/Berlin', 'no zone', '+02'"))).toEqual(['Europe/Berlin'])
  expect(mentionsZones(tokenize('select now()'))).toBe(true)
  expect(mentionsZones(tokenize('select a, "now"'))).toBe(false)
})

test('names of columns are those of the written SQL', () => {
  expect(withoutMacros('lakeshore_zone.cast_date(lakeshore_zone.year(ts))')).toBe('CAST(year(ts) AS DATE)')
  expect(withoutMacros('lakeshore_zone.part_epoch(ts)')).toBe("date_part('epoch', ts)")
})
