import { expect, it, test } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import { savedFields, savedFormatVersion, savedNameProblem } from './saved-columns'

const list = (element: Type): Type => ({ type: 'list', elementId: 0, element, elementRequired: false })
const column = (name: string, type: Type, sqlType = '') => ({ name, type, sqlType })

it('gives each field of a result an id, and UUIDs their type', () => {
  const pair: Type = {
    type: 'struct',
    fields: [
      { id: 0, name: 'a', required: false, type: 'long' },
      { id: 1, name: 'b', required: false, type: list('string') },
    ],
  }
  const fields = savedFields([column('key', 'string', 'UUID'), column('pair', pair), column('n', 'decimal(38, 0)')])
  expect(fields).toMatchObject([
    { id: 1, name: 'key', type: 'uuid' },
    { id: 2, type: { fields: [{ id: 4 }, { id: 5, type: { elementId: 6 } }] } },
    { id: 3, name: 'n', type: 'decimal(38, 0)' },
  ])
})

test.each([
  [['a', 'b'], null],
  [['a', 'b', 'a'], 'Two columns of the result are named a. Give one of them another name with AS.'],
  [['id', 'ID'], 'id and ID differ only in case. Give one of them another name with AS.'],
  [['a', ''], 'A column of a saved result has a name of 1 to 1000 characters. Give each column one with AS.'],
])('The names %j have the problem %s', (names, problem) => {
  expect(savedNameProblem(names.map((name) => ({ name })))).toBe(problem)
})

test.each<[Type, 2 | 3]>([
  ['long', 2],
  ['timestamp_ns', 3],
  [list(list('timestamp_ns')), 3],
  [list('timestamp'), 2],
])('The type %j needs a table of format version %i', (type, version) => {
  expect(savedFormatVersion(savedFields([column('c', type)]))).toBe(version)
})
