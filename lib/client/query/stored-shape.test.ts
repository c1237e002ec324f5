import { expect, test } from 'vitest'
import {
  anyOf,
  finiteNumber,
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  parseShape,
  text,
  withFallback,
} from './stored-shape'

const tab = object(
  {
    id: text(3),
    number: integer(1),
    isOpen: flag,
    kind: withFallback(oneOf(['grid', 'chart']), 'grid'),
    asOf: nullable(anyOf(object({ ref: text() }), object({ atMs: finiteNumber }))),
  },
  { names: list(text(), { min: 1, max: 2 }) },
)
const stored = { id: 'a', number: 1, isOpen: true, kind: 'chart', asOf: { ref: 'main' } }

test('a value is returned with its known members only', () => {
  expect(parseShape(JSON.stringify({ ...stored, names: ['x'], other: 1 }), tab)).toEqual({ ...stored, names: ['x'] })
  expect(tab({ ...stored, asOf: { atMs: 7 } })).toEqual({ ...stored, asOf: { atMs: 7 } })
  expect(tab({ ...stored, asOf: null })).toEqual({ ...stored, asOf: null })
})

test('a fallback replaces a member of another form, and a missing one', () => {
  const { kind: _kind, ...without } = stored
  expect(tab({ ...stored, kind: 'map' })).toEqual({ ...stored, kind: 'grid' })
  expect(tab(without)).toEqual({ ...stored, kind: 'grid' })
})

test.each([
  ['a longer text', { id: 'abcd' }],
  ['a number below the least', { number: 0 }],
  ['a fraction in place of an integer', { number: 1.5 }],
  ['a text in place of a boolean', { isOpen: 'true' }],
  ['none of the alternatives', { asOf: { tag: 'x' } }],
  ['an optional member of another form', { names: [1] }],
  ['a list that is too short', { names: [] }],
  ['a list that is too long', { names: ['a', 'b', 'c'] }],
  ['a missing member', { isOpen: undefined }],
])('refuses %s', (_what, change) => {
  expect(tab({ ...stored, ...change })).toBeUndefined()
})

test('refuses members of the prototype, values that are not objects, and texts that are not JSON', () => {
  expect(object({ toString: text() })({})).toBeUndefined()
  for (const value of [null, 7, 'x', []]) expect(tab(value)).toBeUndefined()
  expect(parseShape('not json', flag)).toBeUndefined()
})
