import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { formatSql, formattedPosition } from './format-sql'
import { tokenize } from '../statement/tokenize'

describe('the layout', () => {
  test.each([
    ['select a,b , c from t', 'select a,\n       b,\n       c\nfrom t'],
    ['SELECT   count( * )  FROM demo.flights', 'SELECT count(*)\nFROM demo.flights'],
    [
      'with m as (select a from t where a between 1 and 2 and b or c), n as (select 1) select * from m left join n on m.a = n.a and true where x order by 1 limit 5',
      `with m as (
  select a
  from t
  where a between 1 and 2
    and b
    or c
),
n as (
  select 1
)
select *
from m
left join n on m.a = n.a
  and true
where x
order by 1
limit 5`,
    ],
    ['select 1;select 2', 'select 1;\n\nselect 2'],
    [
      'select extract(year from d), x is distinct from y from t',
      'select extract(year from d),\n       x is distinct from y\nfrom t',
    ],
    ['select sum(a) over (partition by b order by c) from t', 'select sum(a) over (partition by b order by c)\nfrom t'],
    ['select a -- first\n, b /* second */ from t', 'select a -- first\n  ,\n       b /* second */\nfrom t'],
    ['-- about\nselect 1', '-- about\nselect 1'],
    ['select \'a  b\', "c  d", $$ e  f $$', 'select \'a  b\',\n       "c  d",\n       $$ e  f $$'],
  ])('of %j', (sql, expected) => {
    expect(formatSql(sql)).toBe(expected)
  })
})

test('strings that a line break joins stay joined, and others stay apart', () => {
  expect(formatSql("select 'a'\n\n'b'")).toBe("select 'a'\n'b'")
  expect(formatSql("select 'a'\r'b'")).toBe("select 'a'\n'b'")
  expect(formatSql("select 'a'   'b'")).toBe("select 'a' 'b'")
})

test('operators and signs stay apart or together as they are', () => {
  for (const sql of [
    'select - -1',
    'select a->>b',
    'select a @> b',
    'select 1 - - 1',
    'select x::int[1]',
    'select $a + ?',
  ])
    expect(formatSql(sql)).toBe(sql)
})

test('the cursor stays behind the same character', () => {
  const sql = 'select a,b from t'
  const formatted = formatSql(sql)
  for (const mark of ['a', 'b', 'from', 't'])
    expect(formatted.slice(0, formattedPosition(sql, sql.indexOf(mark) + mark.length, formatted))).toMatch(
      new RegExp(`${mark}$`),
    )
})

const PIECES = [
  ...'select from where group by order limit with as and or between join left on union values case when end over in is'.split(
    ' ',
  ),
  'a',
  '"q  r"',
  "'s  t'",
  "E'\\'x'",
  '$$ d $$',
  '$p',
  '1',
  '.5',
  '1e3',
  '*',
  '-',
  '->',
  '->>',
  '::',
  '.',
  ',',
  ';',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '-- line\n',
  '/* block\n  */',
  '/* a /* b */ */',
  ' ',
  '\n',
  '\t',
  '\r\n',
  '--',
  '/*',
  "'",
  '"',
  '\u00a0',
  '=',
  '<',
  '>',
  '!',
  '@',
  '?',
]

const texts = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom('', ' ', '\n', '  \n ')), { maxLength: 40 })
  .map((parts) => parts.flat().join(''))

/** The comments of a text in order, found without the formatter: all text between tokens that is not white space. */
function commentsOf(sql: string): string {
  let rest = ''
  let end = 0
  for (const { start, end: tokenEnd } of tokenize(sql)) {
    rest += sql.slice(end, start)
    end = tokenEnd
  }
  return (rest + sql.slice(end)).replace(/\s/g, '')
}

test('any text keeps its tokens and comments', () => {
  fc.assert(
    fc.property(texts, (sql) => {
      const formatted = formatSql(sql)
      expect(tokenize(formatted).map(({ text }) => text)).toEqual(tokenize(sql).map(({ text }) => text))
      expect(commentsOf(formatted)).toBe(commentsOf(sql))
    }),
    propertyRuns(3000),
  )
})

test('a formatted text is its own format', () => {
  fc.assert(
    fc.property(texts, (sql) => {
      const once = formatSql(sql)
      expect(formatSql(once)).toBe(once)
    }),
    propertyRuns(3000),
  )
})
