import { expect, test } from 'vitest'
import { parseShow } from './show-statement'
import { tokenize } from './tokenize'

const show = (sql: string) => parseShow(tokenize(sql))

test.each([
  ['show tables', { shows: 'tables', within: null, pattern: null }],
  ['SHOW ALL TABLES', { shows: 'tables', within: null, pattern: null }],
  ["show views in a.\"b c\" like 'x''%'", { shows: 'views', within: { parts: ['a', 'b c'] }, pattern: "x'%" }],
  ['show schemas from prod', { shows: 'namespaces', within: { parts: ['prod'], range: { start: 18, end: 22 } } }],
  ["show catalogs like 'l%'", { shows: 'connections', within: null, pattern: 'l%' }],
])('%s', (sql, expected) => {
  expect(show(sql)).toMatchObject(expected)
})

test('another statement shows nothing', () => {
  expect(show('select 1')).toBeNull()
  expect(show('"show" tables')).toBeNull()
})

test.each([
  ['show', 'SHOW needs TABLES, VIEWS, NAMESPACES or CONNECTIONS after it.'],
  ['show settings', 'SHOW cannot list settings, only tables, views, namespaces and connections.'],
  ['show tables limit 3', 'SHOW cannot be followed by limit here.'],
  ['show tables from', 'A name follows here.'],
  ['show tables from demo.', 'A name follows here.'],
  ['show connections from demo', 'SHOW cannot be followed by from here.'],
])('refused: %s', (sql, message) => {
  expect(() => show(sql)).toThrow(message)
})

test('for columns it names DESCRIBE', () => {
  expect(() => show('show columns from a.t')).toThrow(
    expect.objectContaining({ facts: expect.objectContaining({ hint: 'Write DESCRIBE and the name of the table.' }) }),
  )
})
