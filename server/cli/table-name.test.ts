import { expect, it } from 'vitest'
import { UsageError } from './verb'
import { parseNamespace, parseTable, tableName } from './table-name'

it.each([
  ['demo.flights', ['demo'], 'flights'],
  ['a.b.c', ['a', 'b'], 'c'],
  ['demo."daily.v2"', ['demo'], 'daily.v2'],
  ['"a.b"."say ""hi"""', ['a.b'], 'say "hi"'],
  ['demo.a b/c', ['demo'], 'a b/c'],
])('reads the name %s', (text, namespace, table) => {
  expect(parseTable(text, 'local')).toEqual({ catalog: 'local', namespace, table })
  expect(tableName({ namespace, table })).toBe(text)
})

it.each(['flights', '', '.', 'demo.', '.flights', 'a..b', 'demo."', 'demo."a"b', 'demo.a"b', 'demo.""'])(
  'refuses %j as a name',
  (text) => {
    expect(() => parseTable(text, 'local')).toThrow('is not a name such as demo.flights')
  },
)

it('reads namespaces, with dots in their levels', () => {
  expect(parseNamespace('demo')).toEqual(['demo'])
  expect(parseNamespace('demo."eu.west"')).toEqual(['demo', 'eu.west'])
  for (const text of ['', 'demo.', '.', 'demo."']) {
    expect(() => parseNamespace(text)).toThrow('is not a namespace such as demo')
  }
})

it('refuses names larger than any may be', () => {
  expect(parseTable(`${'a.'.repeat(100)}t`, 'local').namespace).toHaveLength(100)
  for (const text of [`${'a.'.repeat(101)}t`, `${'a.'.repeat(60_000)}t`, `demo.${'x'.repeat(256)}`])
    expect(() => parseTable(text, 'local')).toThrow(UsageError)
})
