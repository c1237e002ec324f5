import { expect, test } from 'vitest'
import { insertName } from './insert-name'

test.each([
  ['|', 'demo.flights|'],
  ['select * from |', 'select * from demo.flights|'],
  ['select * from|', 'select * from demo.flights|'],
  ['select * from |where x', 'select * from demo.flights |where x'],
  ['count(|)', 'count(demo.flights|)'],
  ['local.|', 'local.demo.flights|'],
  ['a,|b', 'a, demo.flights |b'],
])('%s', (text, expected) => {
  const { sql, cursor } = insertName(text.replace('|', ''), text.indexOf('|'), 'demo.flights')
  expect(`${sql.slice(0, cursor)}|${sql.slice(cursor)}`).toBe(expected)
})
