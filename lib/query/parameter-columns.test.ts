import { expect, test } from 'vitest'
import { findComparedColumns, toParameterType } from './parameter-columns'
import { tokenize } from './statement/tokenize'

const columnsOf = (sql: string) =>
  Object.fromEntries([...findComparedColumns(tokenize(sql))].map(([name, parts]) => [name, parts.join('/')]))

test.each([
  ['select * from t where date >= $From and $until > f."Date"', { from: 'date', until: 'f/Date' }],
  ['select * from t where a.b.c between $low and $high', { low: 'a/b/c', high: 'a/b/c' }],
  ['select * from t where origin not in ($a, $b)', { a: 'origin', b: 'origin' }],
  ['select (delay > $late)::int, $late < distance from t', { late: 'delay' }],
  ['select * from t where date < $month + interval 1 month', { month: 'date' }],
  ['select $a, f($b), avg(x) > $c, $d = lower(x), 2 * $e', {}],
])('the column that each parameter is compared with: %s', (sql, columns) => {
  expect(columnsOf(sql)).toEqual(columns)
})

test.each([
  ['long', 'number'],
  ['decimal(9, 2)', 'number'],
  ['date', 'date'],
  ['timestamptz', 'timestamptz'],
  ['timestamp_ns', 'timestamp'],
  ['timestamptz_ns', 'text'],
  ['uuid', 'text'],
] as const)('a parameter compared with %s is a %s', (type, parameterType) => {
  expect(toParameterType(type)).toBe(parameterType)
})
