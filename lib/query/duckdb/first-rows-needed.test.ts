import { expect, test } from 'vitest'
import { firstRowsNeeded } from './first-rows-needed'
import { tokenize } from '../statement/tokenize'

test.each([
  ['select * from t limit 10', 10],
  ['select a, upper(b) from t limit 10 offset 5', 15],
  ['select a from t offset 5 limit 10', 15],
  ['from t limit 0', 0],
  ['select a from t', 1001],
  ['select a from t limit 5000', 1001],
  ['select a from t offset 1499999', 1_501_000],
  ['select a from t limit 3 offset 1499999', 1_500_002],
  ['select a as "where" from t limit 3', 3],
  ["select 'where' from t limit 3", 3],
  ['select t.order from t limit 3', 3],
])('the first rows are enough: %s', (sql, rows) => {
  expect(firstRowsNeeded(tokenize(sql), 1001)).toBe(rows)
})

test.each([
  'select * from t where a > 1 limit 10',
  'select * from t order by a limit 10',
  'select distinct a from t limit 10',
  'select a from t group by a limit 10',
  'select * from t join u using (a) limit 10',
  'select a from t union all select a from u limit 10',
  'select row_number() over () from t limit 10',
  'select * from (select * from t limit 10 offset 20)',
  'with a as (select 1) select * from a limit 10',
  'select * from t limit 10%',
  'select * from t limit (select 3)',
  'select * from t limit 1 + 2',
  'select * from t using sample 10',
  'select count(*) filter (a > 1) from t limit 10',
  'summarize t',
])('the first rows are not enough: %s', (sql) => {
  expect(firstRowsNeeded(tokenize(sql), 1001)).toBeNull()
})
