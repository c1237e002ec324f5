import { expect, it } from 'vitest'
import { parseTable } from './table-name'

it.each([
  ['demo.flights', ['demo'], 'flights'],
  ['a.b.c', ['a', 'b'], 'c'],
  ['demo."daily.v2"', ['demo'], 'daily.v2'],
  ['"a.b"."say ""hi"""', ['a.b'], 'say "hi"'],
  ['demo.a b/c', ['demo'], 'a b/c'],
])('reads the name %s', (text, namespace, table) => {
  expect(parseTable(text, 'local')).toEqual({ catalog: 'local', namespace, table })
})

it.each(['flights', '', '.', 'demo.', '.flights', 'a..b', 'demo."', 'demo."a"b', 'demo.a"b', 'demo.""'])(
  'refuses %j as a name',
  (text) => {
    expect(() => parseTable(text, 'local')).toThrow('is not a name such as demo.flights')
  },
)
